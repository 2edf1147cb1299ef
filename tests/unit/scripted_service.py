# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service that replaces the transport, without a network: two kinds of tokens, and scripted answers."""

from __future__ import annotations

import json
import math
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import argument_spec
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport import Response
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Credentials, credentials_of

GIVEN: t.Final = {
    "api_key": "key-2222",
    "api_secret": "secret-3333",
    "username": "user-1111",
    "password": "password-4444",
}
SESSION_REFUSAL: t.Final = {"errorCode": "REQUEST_FAILED.SessionToken.Expired", "errorMessage": "It has expired."}
ACCESS_REFUSAL: t.Final = {"fault": {"code": "900901", "message": "Invalid Credentials"}}
Answer = t.Union[Response, BaseException]


def answer(status: int, body: t.Any, **headers: str) -> Response:
    """Return an answer with this JSON."""
    return Response(status, headers, json.dumps(body).encode())


def credentials(**changes: t.Any) -> Credentials:
    """Return the user's credentials: by default all four."""
    return credentials_of({**dict.fromkeys(argument_spec()), **(changes or GIVEN)})


@dataclass(frozen=True)
class Request:
    """A request. Its kind is V(token) (OAuth), V(login) (session) or V(read) (anything else)."""

    kind: str
    method: str
    path: tuple[str, ...]
    headers: Mapping[str, str]
    query: Mapping[str, str] | None
    content: t.Any


class ScriptedService:
    """A transport. Requests without a scripted answer succeed if they have the last issued tokens."""

    base_url, host, request_timeout, names = "https://host/api", "host:443", 30.0, str

    def __init__(self, **scripts: Sequence[Answer]) -> None:
        self.give_up_at = math.inf
        self.sent: list[Request] = []
        self.body: Mapping[str, t.Any] = {"id": "c1"}
        self.lifetime: t.Any = 3600
        self._scripts = {kind: list(answers) for kind, answers in scripts.items()}
        self._tokens = {"token": 0, "login": 0}

    def send(
        self,
        method: str,
        path: Sequence[str],
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
        *,
        json: t.Any = None,
        form: t.Any = None,
    ) -> Response:
        """Send a request, and return its answer."""
        kind = path[-1] if path[-1] in self._tokens and method == "POST" else "read"
        self.sent.append(Request(kind, method, tuple(path), dict(headers), query, json or form))
        script = self._scripts.get(kind)
        if script:
            scripted = script.pop(0)
            if isinstance(scripted, BaseException):
                raise scripted
            return scripted
        if kind != "token" and headers.get("Authorization") != f"Bearer access-token-{self._tokens['token']}":
            return answer(401, ACCESS_REFUSAL)
        if kind == "read":
            is_known = headers.get("VZ-M2M-Token") == f"session-token-{self._tokens['login']}"
            return answer(200, self.body) if is_known else answer(401, SESSION_REFUSAL)
        self._tokens[kind] += 1
        if kind == "login":
            return answer(200, {"sessionToken": f"session-token-{self._tokens[kind]}"})
        return answer(200, {"access_token": f"access-token-{self._tokens[kind]}", "expires_in": self.lifetime})

    def close(self) -> None:
        """Close all connections, of which there are none."""

    def expire(self, *kinds: str) -> None:
        """Expire the issued tokens of these kinds."""
        for kind in kinds:
            self._tokens[kind] += 1

    @property
    def requests(self) -> int:
        """The number of requests."""
        return len(self.sent)

    @property
    def kinds(self) -> list[str]:
        """Return the kinds of all requests, in order."""
        return [request.kind for request in self.sent]
