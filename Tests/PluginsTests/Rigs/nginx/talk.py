"""Sends bytes to a TCP port and prints those that come back.

usage: talk.py ADDRESS PORT COUNT <HEX

Ends after COUNT bytes, or when the other side ends.
"""

import socket
import sys
import threading


def receive(connection):
    try:
        return connection.recv(1 << 16)
    except ConnectionResetError:
        return b""


address, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
data = bytes.fromhex(sys.stdin.read())
received = b""
with socket.create_connection((address, port), timeout=40) as connection:
    threading.Thread(target=connection.sendall, args=(data,), daemon=True).start()
    while len(received) < count and (part := receive(connection)):
        received += part
print(received.hex(), end="")
