"""Requests as programs make them."""

from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from tests import factories

EVERYTHING = ("view", "add", "change", "delete")


class Api(Client):
    """JSON in both directions, English messages, addresses below `base`."""

    def __init__(self, key: str = "", base: str = "/api/v1/", **options: Any) -> None:
        headers = {"accept-language": "en"}
        if key:
            headers["authorization"] = f"Bearer {key}"
        super().__init__(headers=headers, **options)
        self.base = base

    def address(self, path: str) -> str:
        return path if path.startswith(("/", "http")) else self.base + path

    def get(self, path: str = "", *args: Any, **options: Any) -> Any:
        return super().get(self.address(path), *args, **options)

    def post(self, path: str, data: Any = None, **options: Any) -> Any:
        return super().post(self.address(path), data, content_type="application/json", **options)

    def patch(self, path: str, data: Any = None, **options: Any) -> Any:
        """With the ETag of the record as it is now, unless `headers` say otherwise."""
        if "headers" not in options:
            options["headers"] = {"If-Match": self.get(path)["ETag"]}
        return super().patch(self.address(path), data, content_type="application/json", **options)

    def delete(self, path: str, **options: Any) -> Any:
        """With the ETag of the record as it is now, unless `headers` say otherwise."""
        if "headers" not in options:
            options["headers"] = {"If-Match": self.get(path).get("ETag", "*")}
        return super().delete(self.address(path), **options)

    def rows(self, path: str, **parameters: Any) -> list[dict[str, Any]]:
        return ok(self.get(path, parameters))["results"]


def api(*permissions: str, user: User | None = None, scope: str = "write") -> Api:
    """For an account with these permissions."""
    return Api(factories.token(user or factories.user(*permissions), scope)[1])


def root() -> Api:
    return api(user=factories.superuser())


def public() -> Api:
    return Api(base="/public/v1/")


def ok(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.content.decode()
    return response.json() if response.content else None


def problem(response: Any, status: int, code: str = "") -> dict[str, Any]:
    assert response.status_code == status, response.content.decode()
    assert response["Content-Type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == status
    assert not code or document["code"] == code, document
    return document


def pointers(document: dict[str, Any]) -> set[str]:
    return {error.get("pointer", error.get("parameter")) for error in document["errors"]}
