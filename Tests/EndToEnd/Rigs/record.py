"""Runs a program on a terminal and keeps what a reader sees there.

    python3 record.py COLUMNS FILE PROGRAM [ARGUMENT ...]

FILE gets the screen once a second, each time under a line with the seconds, and at the end the whole text that scrolled
by. The exit status is the program's. Knows the few codes that the program writes, and fails at others.
"""

import fcntl
import os
import re
import select
import struct
import sys
import termios
import time

ROWS = 40


class Screen:
    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.lines: list[list[str]] = [[]]
        self.row = self.column = 0
        self.rest = ""

    def add(self, text: str) -> None:
        text = self.rest + text
        at = 0
        while at < len(text):
            if text[at] != "\x1b":
                self.put(text[at])
                at += 1
                continue
            match = re.compile(r"\x1b(?:\[([?0-9;]*)([A-Za-z])|([=>78]))").match(text, at)
            if not match:
                break
            if match[2]:
                self.obey(match[1], match[2])
            at = match.end()
        self.rest = text[at:]

    def put(self, character: str) -> None:
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.row += 1
            while self.row >= len(self.lines):
                self.lines.append([])
        else:
            if self.column >= self.columns:
                self.put("\r")
                self.put("\n")
            line = self.lines[self.row]
            line.extend(" " * (self.column + 1 - len(line)))
            line[self.column] = character
            self.column += 1

    def obey(self, words: str, letter: str) -> None:
        count = int(words) if words.isdigit() else 1
        if letter == "A":
            self.row = max(0, self.row - count)
        elif letter == "J" and words in ("", "0"):
            del self.lines[self.row + 1:]
            del self.lines[self.row][self.column:]
        elif letter == "K" and words in ("", "0"):
            del self.lines[self.row][self.column:]
        elif letter not in "mhl":
            raise SystemExit(f"what the code {words}{letter} does to a terminal is not known here")

    def text(self, last: int | None = None) -> str:
        lines = ["".join(line).rstrip() for line in self.lines]
        return "\n".join(lines[-last:] if last else lines).rstrip("\n") + "\n"


columns, path, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
process, terminal = os.forkpty()
if process == 0:
    os.environ["TERM"] = "xterm-256color"
    os.execvp(command[0], command)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
screen = Screen(columns)
begin = shown = time.monotonic()
pending = b""
with open(path, "w", encoding="utf-8") as file:
    while True:
        ready, _, _ = select.select([terminal], [], [], 0.1)
        now = time.monotonic()
        if now - shown >= 1:
            shown = now
            file.write(f"{f' {now - begin:.0f} s ':─^{columns}}\n{screen.text(ROWS)}")
        if not ready:
            continue
        try:
            data = os.read(terminal, 65536)
        except OSError:
            data = b""
        if not data:
            break
        pending += data
        text = pending.decode("utf-8", "ignore")
        pending = pending[len(text.encode()):] if len(text.encode()) < len(pending) else b""
        screen.add(text)
    file.write(f"{' all of it ':═^{columns}}\n{screen.text()}")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
