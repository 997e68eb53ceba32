"""An engine that can go away: passes connections on between two Unix sockets until a file appears.

    python3 proxy.py LISTEN TARGET FILE
"""

import os
import socket
import sys
import threading
import time

listen, target, gone = sys.argv[1:]


def carry(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    try:
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(server: socket.socket) -> None:
    while True:
        client, _ = server.accept()
        engine = socket.socket(socket.AF_UNIX)
        engine.connect(target)
        for pair in ((client, engine), (engine, client)):
            threading.Thread(target=carry, args=pair, daemon=True).start()


server = socket.socket(socket.AF_UNIX)
server.bind(listen)
server.listen(64)
threading.Thread(target=serve, args=(server,), daemon=True).start()
while not os.path.exists(gone):
    time.sleep(0.05)
os.unlink(listen)
os._exit(0)
