"""A proxy that answers every request itself and notes what was asked.

    python3 http_proxy.py ADDRESS PORT_FILE ASKED_FILE
"""

import http.server
import os
import sys

address, port_file, asked = sys.argv[1:]


class Proxy(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        with open(asked, "a", encoding="utf-8") as file:
            file.write(self.path + "\n")
        body = b"this is the proxy"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


server = http.server.ThreadingHTTPServer((address, 0), Proxy)
with open(port_file + ".new", "w", encoding="utf-8") as file:
    file.write(str(server.server_port))
os.rename(port_file + ".new", port_file)
server.serve_forever()
