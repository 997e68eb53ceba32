"""Accounts, policies, and what they allow."""

import json
import threading
from fnmatch import fnmatchcase
from pathlib import Path

from .errors import Refused, denied
from .files import write_file


def policy(*actions: str) -> dict:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": ["arn:aws:s3:::*"]}
    return {"Version": "2012-10-17", "Statement": [statement]}


BUILT_IN = {
    "readonly": policy("s3:GetBucketLocation", "s3:GetObject"),
    "readwrite": policy("s3:*"),
    "writeonly": policy("s3:PutObject"),
}


class Accounts:
    """All accounts and policies, kept in one file. `users` maps names to secret, status and names of policies."""

    def __init__(self, path: Path, root: tuple[str, str]) -> None:
        self.path, self.root = path, root
        # Of whoever reads and then writes.
        self.lock = threading.RLock()
        kept = json.loads(path.read_text()) if path.exists() else {}
        self.users: dict[str, dict] = kept.get("users", {})
        self.policies: dict[str, dict] = kept.get("policies", dict(BUILT_IN))

    def save(self) -> None:
        write_file(self.path, json.dumps({"users": self.users, "policies": self.policies}).encode())

    def user(self, name: str) -> dict:
        if name not in self.users:
            raise Refused(404, "XMinioAdminNoSuchUser", "The specified user does not exist.")
        return self.users[name]

    def secret(self, name: str) -> str:
        if name == self.root[0]:
            return self.root[1]
        account = self.users.get(name)
        if account is None or account["status"] != "enabled":
            raise Refused(403, "InvalidAccessKeyId", "The Access Key Id you provided does not exist in our records.")
        return account["secret"]

    def check(self, name: str, action: str, resource: str, conditions: dict[str, str]) -> None:
        """Refuses what no policy of a user allows."""
        if name == self.root[0]:
            return
        policies = [self.policies[policy] for policy in self.user(name)["policies"] if policy in self.policies]
        statements = [statement for policy in policies for statement in as_list(policy["Statement"])]
        effects = {
            statement["Effect"] for statement in statements if applies(statement, action, resource, conditions)
        }
        if "Allow" not in effects or "Deny" in effects:
            raise denied()


def applies(statement: dict, action: str, resource: str, conditions: dict[str, str]) -> bool:
    return (
        matches(action, statement["Action"])
        and matches(f"arn:aws:s3:::{resource}", statement["Resource"])
        and all(holds(*condition, conditions) for condition in statement.get("Condition", {}).items())
    )


def holds(operator: str, wanted: dict, conditions: dict[str, str]) -> bool:
    if operator not in ("StringLike", "StringEquals"):
        raise Refused(501, "NotImplemented", f"The stand-in does not know the condition {operator}.")
    return all(
        matches(conditions.get(key, ""), patterns)
        if operator == "StringLike"
        else conditions.get(key, "") in as_list(patterns)
        for key, patterns in wanted.items()
    )


def matches(text: str, patterns: str | list[str]) -> bool:
    # A bracket is no wildcard here.
    return any(fnmatchcase(text, pattern.replace("[", "[[]")) for pattern in as_list(patterns))


def as_list(value) -> list:
    return value if isinstance(value, list) else [value]
