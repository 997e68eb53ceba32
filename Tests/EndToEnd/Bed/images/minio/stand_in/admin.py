"""The part of MinIO's administration API that sets up accounts and policies. Only the root account may use it."""

import json
from datetime import datetime, timezone

from werkzeug.wrappers import Request, Response

from .accounts import Accounts
from .errors import Refused, denied
from .madmin import decrypt, encrypt

PREFIX = "/minio/admin/v3/"


class Administration:
    def __init__(self, accounts: Accounts) -> None:
        self.accounts = accounts
        self.operations = {
            ("PUT", "add-user"): self.add_user,
            ("DELETE", "remove-user"): self.remove_user,
            ("PUT", "set-user-status"): self.set_user_status,
            ("GET", "list-users"): self.list_users,
            ("GET", "user-info"): self.user_info,
            ("PUT", "add-canned-policy"): self.add_policy,
            ("DELETE", "remove-canned-policy"): self.remove_policy,
            ("GET", "list-canned-policies"): self.list_policies,
            ("GET", "info-canned-policy"): self.policy_info,
            ("POST", "idp/builtin/policy/attach"): self.attach,
            ("POST", "idp/builtin/policy/detach"): self.detach,
            ("GET", "idp/builtin/policy-entities"): self.entities,
        }

    def answer(self, request: Request, user: str) -> Response:
        if user != self.accounts.root[0]:
            raise denied()
        operation = self.operations.get((request.method, request.path.removeprefix(PREFIX)))
        if operation is None:
            raise Refused(501, "NotImplemented", f"The stand-in does not know {request.method} {request.path}.")
        with self.accounts.lock:
            result = operation(request)
            if request.method != "GET":
                self.accounts.save()
        if isinstance(result, bytes):
            return Response(result, mimetype="application/octet-stream")
        return Response("" if result is None else json.dumps(result), mimetype="application/json")

    def body(self, request: Request) -> dict:
        return json.loads(decrypt(self.accounts.root[1], request.get_data()))

    def sealed(self, value: dict) -> bytes:
        return encrypt(self.accounts.root[1], json.dumps(value).encode())

    # Users

    def add_user(self, request: Request) -> None:
        name, body = request.args["accessKey"], self.body(request)
        if name == self.accounts.root[0]:
            raise Refused(403, "XMinioAdminAccountNotEligible", "The root account cannot be changed.")
        if len(name) < 3:
            raise Refused(400, "XMinioAdminInvalidAccessKey", "The access key is invalid.")
        if len(body["secretKey"]) < 8:
            raise Refused(400, "XMinioAdminInvalidSecretKey", "The secret key is invalid.")
        known = self.accounts.users.get(name, {"policies": []})
        self.accounts.users[name] = {**known, "secret": body["secretKey"], "status": body.get("status") or "enabled"}

    def remove_user(self, request: Request) -> None:
        self.accounts.user(request.args["accessKey"])
        del self.accounts.users[request.args["accessKey"]]

    def set_user_status(self, request: Request) -> None:
        self.accounts.user(request.args["accessKey"])["status"] = request.args["status"]

    def list_users(self, _: Request) -> bytes:
        return self.sealed({name: described(user) for name, user in self.accounts.users.items()})

    def user_info(self, request: Request) -> dict:
        return described(self.accounts.user(request.args["accessKey"]))

    # Policies

    def add_policy(self, request: Request) -> None:
        try:
            policy = json.loads(request.get_data())
        except ValueError:
            raise Refused(400, "MalformedPolicy", "The policy is not JSON.") from None
        if not policy.get("Statement"):
            raise Refused(400, "MalformedPolicy", "The policy has no statement.")
        self.accounts.policies[request.args["name"]] = policy

    def remove_policy(self, request: Request) -> None:
        self.policy(request.args["name"])
        del self.accounts.policies[request.args["name"]]

    def list_policies(self, _: Request) -> dict:
        return self.accounts.policies

    def policy_info(self, request: Request) -> dict:
        name = request.args["name"]
        if request.args.get("v") != "2":
            return self.policy(name)
        return {"PolicyName": name, "Policy": self.policy(name), "CreateDate": now(), "UpdateDate": now()}

    def policy(self, name: str) -> dict:
        if name not in self.accounts.policies:
            raise Refused(404, "XMinioAdminNoSuchPolicy", "The canned policy does not exist.")
        return self.accounts.policies[name]

    # Which user has which policy

    def attach(self, request: Request) -> bytes:
        return self.change_policies(request, "policiesAttached", lambda has, name: not has, list.append)

    def detach(self, request: Request) -> bytes:
        return self.change_policies(request, "policiesDetached", lambda has, name: has, list.remove)

    def change_policies(self, request: Request, result: str, is_due, change) -> bytes:
        body = self.body(request)
        if body.get("group"):
            raise Refused(501, "NotImplemented", "The stand-in has no groups.")
        policies = self.accounts.user(body["user"])["policies"]
        for name in body["policies"]:
            self.policy(name)
        due = [name for name in body["policies"] if is_due(name in policies, name)]
        if not due:
            raise Refused(
                400,
                "XMinioAdminPolicyChangeAlreadyApplied",
                "The specified policy change is already in effect.",
            )
        for name in due:
            change(policies, name)
        return self.sealed({result: due, "updatedAt": now()})

    def entities(self, request: Request) -> bytes:
        """What is asked for: users, policies, or all users."""
        users, policies = request.args.getlist("user"), request.args.getlist("policy")
        everything = not users and not policies
        result = {"timestamp": now()}
        if users or everything:
            result["userMappings"] = [
                {"user": name, "policies": user["policies"]}
                for name, user in self.accounts.users.items()
                if everything and user["policies"] or name in users
            ]
        if policies or everything:
            holders = {
                policy: [name for name, user in self.accounts.users.items() if policy in user["policies"]]
                for policy in policies or self.accounts.policies
            }
            result["policyMappings"] = [
                {"policy": policy, "users": names, "groups": []} for policy, names in holders.items() if names
            ]
        return self.sealed(result)


def described(user: dict) -> dict:
    return {"status": user["status"], "policyName": ",".join(user["policies"]), "updatedAt": now()}


def now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
