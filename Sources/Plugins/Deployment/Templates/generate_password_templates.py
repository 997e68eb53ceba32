"""Generate the credentials of this deployment, and what depends on its path.

Needs Python 3.11 or newer and jinja2, and works from any folder:

    python3 scripts/generate_password_templates.py

The three credential files hold the same secrets, so they are written together or
not at all, and a complete set is kept as it is.
"""

from __future__ import annotations

import argparse
import base64
import os
import re
import secrets
import signal
import stat
import string
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
TEMPLATES = "scripts/templates"
STATE = ".dioptra/state.db"

ALPHABET = string.ascii_letters + string.digits
PASSWORD_LENGTH = 32
PASSWORDS = (
{{#passwords}}
    "{{name}}",
{{/passwords}}
)
# Names of keys, with their number of random bytes.
KEYS = (
{{#keys}}
    ("{{name}}", {{bytes}}),
{{/keys}}
)

MISSING = "is missing"
PRESENT = "is there"


@dataclass(frozen=True)
class Output:
    """A file to write: its template, its path in the deployment and its modes."""

    template: str
    path: str
    mode: int
    folder_mode: int

    @property
    def target(self) -> Path:
        """Where the file stands."""
        return BASE / self.path

    @property
    def is_secret(self) -> bool:
        """Whether only the owner may read the file."""
        return self.mode == 0o600

    @property
    def temporary(self) -> Path:
        """Where the file is written before it takes its place."""
        return BASE / f"{self.path}.new"


# Written together or not at all.
CREDENTIALS = (
{{#credential_templates}}
    Output("{{template}}", "{{output}}", 0o600, 0o700),
{{/credential_templates}}
)
# Without secrets, always written anew.
OTHERS: tuple[Output, ...] = (
{{#other_templates}}
    Output("{{template}}", "{{output}}", 0o644, 0o755),
{{/other_templates}}
)


class Problem(Exception):
    """What stops the script: a sentence about the cause and one about the remedy."""

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(f"{cause}\n{remedy}")


def refuse_managed_folder() -> None:
    """Stop where the `dioptra` command keeps the secrets of this deployment."""
    try:
        (BASE / STATE).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return
    raise Problem(
        f"The secrets of this deployment are kept in its state, {STATE}.",
        "Run `dioptra init`: it writes these files from there.",
    )


def condition(path: Path) -> str:
    """Say what stands at a path, as the end of a sentence."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return MISSING
    if stat.S_ISLNK(status.st_mode):
        return "is a symbolic link"
    if not stat.S_ISREG(status.st_mode):
        return "is not a regular file"
    if status.st_nlink > 1:
        return "is a hard link"
    if status.st_size == 0:
        return "is empty"
    return PRESENT


def check_folder(output: Output) -> None:
    """Stop if the folder of a file is anything but a folder or missing."""
    folder = output.target.parent
    if os.path.lexists(folder) and not stat.S_ISDIR(folder.lstat().st_mode):
        raise Problem(
            f"{folder.name} is not a folder, or is a link to one.",
            "Move it away, make a folder of that name, and run this script again.",
        )


def credentials_exist() -> bool:
    """Tell a complete set of credential files from none; stop at anything else."""
    for output in CREDENTIALS:
        check_folder(output)
    conditions = [condition(output.target) for output in CREDENTIALS]
    if all(found == PRESENT for found in conditions):
        return True
    if all(found == MISSING for found in conditions):
        return False
    found = (f"{o.path} {state}" for o, state in zip(CREDENTIALS, conditions))
    raise Problem(
        f"The credential files must be a complete set, or none: {', '.join(found)}.",
        "Put them back as plain files from a backup; only if this deployment was "
        "never initialised, delete all of them and run this script again.",
    )


def set_mode(path: Path, mode: int) -> bool:
    """Give a file or folder its mode, and say whether it had another one."""
    if stat.S_IMODE(path.stat().st_mode) == mode:
        return False
    path.chmod(mode)
    return True


def repair_modes() -> list[str]:
    """Close the credential files and their folder; return those that were open."""
    modes = [(output.path, output.mode) for output in CREDENTIALS]
    modes.append(("secrets", 0o700))
    return [path for path, mode in modes if set_mode(BASE / path, mode)]


def generate_values() -> dict[str, str]:
    """Draw every secret from the system's cryptographic generator."""
    values = dict()
    for name in PASSWORDS:
        letters = (secrets.choice(ALPHABET) for _ in range(PASSWORD_LENGTH))
        values[name] = "".join(letters)
    for name, size in KEYS:
        values[name] = base64.b64encode(secrets.token_bytes(size)).decode("ascii")
    return values


def working_directory() -> str:
    """Write the deployment's path as a unit file has it, or stop if it cannot be."""
    path = str(BASE)
    if re.search(r"[\x00-\x1f\x7f\ud800-\udfff]|[\s\\]\Z", path):
        raise Problem(
            f"No unit file can hold this folder's path, {path!a}.",
            "Rename the folder and run this script again.",
        )
    return path.replace("%", "%%")


def render(outputs: list[Output], values: dict[str, str]) -> dict[Output, bytes]:
    """Render the templates of these files. Nothing is written."""
    try:
        import jinja2
    except ImportError:
        raise Problem(
            f"The Python package jinja2 is not installed for {sys.executable}.",
            "Install it with `python3 -m pip install jinja2`, or as a package of "
            "your system.",
        ) from None
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(BASE / TEMPLATES),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    rendered = dict()
    for output in outputs:
        template = f"{TEMPLATES}/{output.template}"
        if not (BASE / template).is_file():
            raise Problem(
                f"The template {template} is missing.",
                "Bring it back and run this script again.",
            )
        directory = str(BASE) if output.is_secret else working_directory()
        try:
            text = environment.get_template(output.template).render(
                values, working_directory=directory
            )
            rendered[output] = text.encode()
        except Exception as error:  # a template can raise anything
            reason = str(error) or type(error).__name__
            for name, value in values.items():
                reason = reason.replace(value, name)
            raise Problem(
                f"The template {template} cannot be rendered: {reason.rstrip('.')}.",
                "Correct it and run this script again.",
            ) from None
        if not rendered[output]:
            raise Problem(
                f"The template {template} renders to nothing.",
                "Bring back its content and run this script again.",
            )
    return rendered


def differs(output: Output, data: bytes) -> bool:
    """Say whether a file differs from the one that stands there."""
    check_folder(output)
    found = condition(output.target)
    if found in ("is a symbolic link", "is not a regular file"):
        raise Problem(
            f"{output.path} {found}.", "Move it away and run this script again."
        )
    return found == MISSING or output.target.read_bytes() != data


@contextmanager
def signals_held() -> Iterator[None]:
    """Let Ctrl-C and a polite kill wait until the files are complete or gone."""
    held = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, held)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def give_to_owner(file: int | Path) -> None:
    """Under sudo, leave what was made to the owner of the deployment's folder."""
    owner = BASE.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.chown(file, owner.st_uid, owner.st_gid)


def prepare_folder(output: Output, undo: ExitStack) -> None:
    """Make the folder of a file if it is missing, and close the one of the secrets."""
    folder = output.target.parent
    if folder == BASE:
        return
    with suppress(FileExistsError):
        folder.mkdir(mode=output.folder_mode)
        undo.callback(remove_if_empty, folder)
        set_mode(folder, output.folder_mode)
        give_to_owner(folder)
    if output.is_secret:
        set_mode(folder, output.folder_mode)


def remove_if_empty(folder: Path) -> None:
    """Remove a folder that this script made, unless somebody uses it by now."""
    with suppress(OSError):
        folder.rmdir()


def write_temporary(output: Output, data: bytes, undo: ExitStack) -> None:
    """Write a file beside its place, with its mode from the first moment."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        descriptor = os.open(output.temporary, flags, output.mode)
    except FileExistsError:
        raise Problem(
            f"{output.path}.new is in the way: another run is at work, or was killed.",
            "If no other run is at work, delete it and run this script again.",
        ) from None
    undo.callback(output.temporary.unlink, missing_ok=True)
    with open(descriptor, "wb") as file:
        os.fchmod(descriptor, output.mode)
        give_to_owner(descriptor)
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def put_in_place(output: Output, undo: ExitStack) -> None:
    """Give a written file its name; only one without secrets may replace one."""
    if output.is_secret and os.path.lexists(output.target):
        raise Problem(
            f"{output.path} has appeared while this script was at work.",
            "Find out what made it, and run this script again.",
        )
    output.temporary.rename(output.target)
    undo.callback(output.target.unlink)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable where the file system offers that."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_all(files: dict[Output, bytes]) -> None:
    """Write all the files, or leave nothing behind."""
    with signals_held(), ExitStack() as undo:
        for output, data in files.items():
            try:
                prepare_folder(output, undo)
                write_temporary(output, data, undo)
            except OSError as error:
                raise cannot_write(output, error) from None
        # Credentials come first: nothing that replaces a file has to be undone.
        for output in files:
            try:
                put_in_place(output, undo)
            except OSError as error:
                raise cannot_write(output, error) from None
        undo.pop_all()
    for folder in {output.target.parent for output in files}:
        sync_folder(folder)


def cannot_write(output: Output, error: OSError) -> Problem:
    """Name the file that the system refused; what was written is removed."""
    return Problem(
        f"{output.path} cannot be written: {error.strerror}.",
        "No file was changed. Remove the cause and run this script again.",
    )


def run() -> None:
    """Bring the files up to date, and say what was done."""
    refuse_managed_folder()
    keep = credentials_exist()
    outputs = [] if keep else list(CREDENTIALS)
    outputs += [o for o in OTHERS if os.path.lexists(BASE / TEMPLATES / o.template)]
    if outputs:
        rendered = render(outputs, dict() if keep else generate_values())
    else:
        rendered = dict()
    rendered = {o: d for o, d in rendered.items() if o.is_secret or differs(o, d)}
    repaired = repair_modes() if keep else []
    write_all(rendered)

    names = ", ".join(output.path for output in CREDENTIALS)
    print(f"Kept: {names}." if keep else f"Generated: {names}.")
    if repaired:
        print(f"Mode corrected: {', '.join(repaired)}.")
    for output in rendered:
        if not output.is_secret:
            print(f"Written: {output.path}.")


def main() -> int:
    """Run the script and return its exit status: 0 done, 1 stopped, 2 wrong usage."""
    parser = argparse.ArgumentParser(
        description="Generate the passwords and keys of this deployment (.env and "
        "the files in secrets/) and what depends on its path. Credentials that "
        "exist are kept; the rest is written anew.",
        epilog="Needs Python 3.11 or newer and jinja2. Works from any folder.",
    )
    parser.parse_args()
    if sys.version_info < (3, 11):
        print("Python 3.11 or newer is needed.", file=sys.stderr)
        print("Run this script with a newer interpreter.", file=sys.stderr)
        return 1
    try:
        run()
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename or 'Standard output'}: {error.strerror}.", file=sys.stderr)
        print("Remove the cause and run this script again.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
