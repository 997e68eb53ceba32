"""The images of registry.py: made up, or taken from an engine.

    docker save IMAGE... | python3 registry_images.py FOLDER [NAME=BYTES ...]

writes them to a folder that the registry serves: blobs/DIGEST, and manifests/NAME/TAG. The test bed's images share most
of their layers; the named ones get another layer, of noise, so that each has bytes of its own.
"""

import gzip
import hashlib
import io
import json
import os
import random
import sys
import tarfile

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


def digest_of(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Held(bytes):
    """Content in memory."""

    @property
    def digest(self) -> str:
        return digest_of(self)


class Stored:
    """Content in a file."""

    def __init__(self, path: str, digest: str) -> None:
        self.path, self.digest = path, digest

    def __len__(self) -> int:
        return os.path.getsize(self.path)

    def __getitem__(self, part: slice) -> bytes:
        with open(self.path, "rb") as file:
            file.seek(part.start)
            return file.read(part.stop - part.start)


def descriptor(kind: str, size: int, digest: str) -> dict:
    return {"mediaType": kind, "size": size, "digest": digest}


def manifest_of(config: dict, layers: list[dict]) -> Held:
    return Held(json.dumps(
        {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers}).encode())


class Image:
    """An image in memory."""

    def __init__(self, name: str) -> None:
        self.tag = name.rsplit(":", 1)[1]
        self.contents: dict[tuple[str, str], tuple[str, Held]] = {}

    def add(self, part: str, kind: str, content: Held, tag: str | None = None) -> dict:
        self.contents[part, content.digest] = (kind, content)
        if tag:
            self.contents[part, tag] = (kind, content)
        return descriptor(kind, len(content), content.digest)

    def find(self, part: str, reference: str) -> tuple[str, Held] | None:
        return self.contents.get((part, reference))


def layer_of_noise(file: str, size: int, seed: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo(file)
        member.size = size
        archive.addfile(member, io.BytesIO(random.Random(seed).randbytes(size)))
    return buffer.getvalue()


def made_up(name: str, wish: dict) -> Image:
    """An image whose layers are noise, always the same for a name; for another architecture it has a list of manifests."""
    image = Image(name)
    architecture = wish.get("architecture", "amd64")
    packed, differences = [], []
    for index, size in enumerate(wish["layers"]):
        plain = layer_of_noise(f"data-{index}", size, seed=f"{name} {index}")
        differences.append(digest_of(plain))
        packed.append(image.add("blobs", LAYER, Held(gzip.compress(plain, 1, mtime=0))))
    config = Held(json.dumps({
        "architecture": architecture, "os": "linux", "config": {"Cmd": ["/none"]},
        "rootfs": {"type": "layers", "diff_ids": differences},
    }).encode())
    manifest = manifest_of(image.add("blobs", CONFIG, config), packed)
    if architecture == "amd64":
        image.add("manifests", MANIFEST, manifest, image.tag)
        return image
    entry = image.add("manifests", MANIFEST, manifest)
    entry["platform"] = {"architecture": architecture, "os": "linux"}
    content = Held(json.dumps({"schemaVersion": 2, "mediaType": LIST, "manifests": [entry]}).encode())
    image.add("manifests", LIST, content, image.tag)
    return image


class Folder:
    """Images that were written to a folder."""

    def __init__(self, path: str) -> None:
        self.path = path

    def find(self, name: str, part: str, reference: str) -> tuple[str, Stored] | None:
        path = f"{self.path}/blobs/{reference}"
        if part == "manifests" and not reference.startswith("sha256:"):
            try:
                with open(f"{self.path}/manifests/{name}/{reference}", encoding="ascii") as file:
                    reference = file.read()
            except OSError:
                return None
            path = f"{self.path}/blobs/{reference}"
        kind = MANIFEST if part == "manifests" else "application/octet-stream"
        return (kind, Stored(path, reference)) if os.path.exists(path) else None


def write_blob(folder: str, content: bytes) -> str:
    digest = digest_of(content)
    with open(f"{folder}/blobs/{digest}", "wb") as file:
        file.write(content)
    return digest


def convert(archive: tarfile.TarFile, folder: str, noise: dict[str, int]) -> None:
    """Writes the images of an archive that `docker save` made. Layers that images share are packed once."""
    os.makedirs(f"{folder}/blobs", exist_ok=True)
    packed: dict[str, dict | str] = {}
    contents: dict[str, bytes] = {}
    for member in archive:
        if member.name.endswith("/layer.tar") and member.isfile():
            packed[member.name] = pack(archive.extractfile(member), folder)
        elif member.issym() or member.islnk():
            packed[member.name] = os.path.normpath(f"{os.path.dirname(member.name)}/{member.linkname}")
        elif member.name.endswith(".json"):
            contents[member.name] = archive.extractfile(member).read()
    for image in json.loads(contents["manifest.json"]):
        layers = []
        for name in image["Layers"]:
            while isinstance(packed[name], str):
                name = packed[name]
            layers.append(packed[name])
        for full in image["RepoTags"] or []:
            config = json.loads(contents[image["Config"]])
            name, tag = full.rsplit(":", 1)
            more = [add_noise(name, noise[name], config, folder)] if name in noise else []
            write_image(name, tag, config, layers + more, folder)


def write_image(name: str, tag: str, config: dict, layers: list[dict], folder: str) -> None:
    content = json.dumps(config).encode()
    digest = write_blob(folder, manifest_of(descriptor(CONFIG, len(content), write_blob(folder, content)), layers))
    place = f"{folder}/manifests/{name}"
    os.makedirs(place, exist_ok=True)
    with open(f"{place}/{tag}", "w", encoding="ascii") as file:
        file.write(digest)


def add_noise(name: str, size: int, config: dict, folder: str) -> dict:
    plain = layer_of_noise("noise", size, seed=name)
    config["rootfs"]["diff_ids"].append(digest_of(plain))
    config.setdefault("history", []).append({"created_by": "noise"})
    return pack(io.BytesIO(plain), folder)


def pack(layer: io.BufferedReader, folder: str) -> dict:
    new = f"{folder}/blobs/new-{os.getpid()}"
    with open(new, "wb") as raw, gzip.GzipFile("", "wb", 1, raw, mtime=0) as file:
        while piece := layer.read(1 << 20):
            file.write(piece)
    with open(new, "rb") as file:
        digest = "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
    os.rename(new, f"{folder}/blobs/{digest}")
    return descriptor(LAYER, os.path.getsize(f"{folder}/blobs/{digest}"), digest)


if __name__ == "__main__":
    with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as archive:
        convert(archive, sys.argv[1], {name: int(size) for name, size in (word.split("=") for word in sys.argv[2:])})
