"""Run a client of PostgreSQL as if it came from another machine.

    python3 outside.py PORT COMMAND...

The command finds the server in PGHOST and PGPORT; what it sends reaches 127.0.0.1:PORT
from 127.0.0.2, an address that no rule for 127.0.0.1 lets in.
"""

import os
import socket
import subprocess
import sys
import threading


def pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(listener: socket.socket, port: int) -> None:
    while True:
        client, _ = listener.accept()
        try:
            server = socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.2", 0))
        except OSError:
            client.close()
            continue
        for pair in ((client, server), (server, client)):
            threading.Thread(target=pump, args=pair, daemon=True).start()


listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve, args=(listener, int(sys.argv[1])), daemon=True).start()
place = {"PGHOST": "127.0.0.1", "PGPORT": str(listener.getsockname()[1])}
sys.exit(subprocess.run(sys.argv[2:], env=os.environ | place).returncode)
