#!/usr/bin/env python3
"""craft.py BACKUP NEW: writes a backup that is like another one, but for what the Python program on standard input does.

The program sees `origin` (what the backup says of itself), `members` (dictionaries with name, kind, mode and data, the name
in the archive as `entry` where it differs), and `find(name)`. Digests and sizes are made right afterwards.
"""

import hashlib
import json
import re
import sys
import tarfile


def read(path):
    with tarfile.open(path, encoding="utf-8", errors="surrogateescape") as archive:
        entries = [(entry.name, archive.extractfile(entry).read() if entry.isfile() else b"") for entry in archive]
    members = json.loads(entries[-1][1])["members"]
    contents = iter([data for _, data in entries[1:-1]])
    for member in members:
        member["data"] = b"".join(next(contents) for _ in member["parts"])
    return json.loads(entries[0][1]), members


def on_disk(name):
    """A byte that is no text is U+E003 and the character of its number."""
    return re.sub("\ue003([\x80-\xff])", lambda match: chr(0xDC00 + ord(match.group(1))), name)


def entry(name, data, mode, kind=tarfile.REGTYPE):
    header = tarfile.TarInfo(name)
    header.size, header.mode, header.type = len(data), mode & 0o7777, kind
    block = header.tobuf(tarfile.USTAR_FORMAT, "utf-8", "surrogateescape")
    return block + data + bytes(-len(data) % 512)


def write(path, origin, members):
    output = entry("dioptra-backup.json", json.dumps(origin).encode(), 0o600)
    for member in members:
        data, name = member.pop("data"), member.pop("entry", on_disk(member["name"]))
        kind = tarfile.DIRTYPE if member["kind"] == "folder" else tarfile.REGTYPE
        output += entry(name, data, member["mode"], kind)
        member["parts"] = [{"name": member["name"], "bytes": len(data), "digest": hashlib.sha256(data).hexdigest()}]
    output += entry("manifest.json", json.dumps({"members": members}).encode(), 0o600) + bytes(1024)
    with open(path, "wb") as file:
        file.write(output)


def main():
    origin, members = read(sys.argv[1])

    def find(name):
        return next(member for member in members if member["name"] == name)

    def add(name, data=b"", kind="file", mode=0o644):
        members.append({"name": name, "kind": kind, "mode": mode, "data": data})

    exec(sys.stdin.read(), {"origin": origin, "members": members, "find": find, "add": add})
    write(sys.argv[2], origin, members)


main()
