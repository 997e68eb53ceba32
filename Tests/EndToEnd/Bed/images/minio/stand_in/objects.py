"""Buckets and objects: moto's, which it keeps in memory, and a file for each so that they outlive the process."""

import hashlib
import pickle
import threading
from pathlib import Path

from moto.core import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import create_backend_app
from moto.s3.models import s3_backends
from werkzeug.wrappers import Request, Response

from .errors import Refused
from .files import write_file


class Objects:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.application = create_backend_app("s3")
        self.backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
        self.lock = threading.Lock()
        # What the files hold: the key object of each file.
        self.kept: dict[Path, object] = {}
        self.load()

    def answer(self, request: Request) -> Response:
        bucket, _, key = request.path.strip("/").partition("/")
        if request.method == "PUT" and not key and not request.args and bucket in self.backend.buckets:
            raise Refused(409, "BucketAlreadyOwnedByYou", "The bucket exists, and you own it.")
        response = Response.from_app(self.application, request.environ, buffered=True)
        if request.method in ("PUT", "POST", "DELETE") and response.status_code < 300:
            with self.lock:
                self.save(bucket)
        return response

    def load(self) -> None:
        for bucket in self.folder.iterdir():
            if not bucket.is_dir() or bucket.name.startswith(".") or bucket.name == "lost+found":
                continue
            keys = self.backend.create_bucket(bucket.name, "us-east-1").keys
            for path in bucket.glob("*.object"):
                key = pickle.loads(path.read_bytes())
                keys[key.name] = key
                self.kept[path] = key

    def save(self, name: str) -> None:
        """Makes a bucket's folder like the bucket."""
        folder, bucket = self.folder / name, self.backend.buckets.get(name)
        if bucket is not None:
            folder.mkdir(exist_ok=True)
        keys = dict(bucket.keys.items()) if bucket is not None else {}
        wanted = {folder / f"{hashlib.sha256(key.encode()).hexdigest()}.object": value for key, value in keys.items()}
        for path, key in wanted.items():
            if self.kept.get(path) is not key:
                write_file(path, pickle.dumps(key))
        for path in [path for path in self.kept if path.parent == folder and path not in wanted]:
            path.unlink()
            del self.kept[path]
        self.kept.update(wanted)
        if bucket is None and folder.is_dir():
            folder.rmdir()
