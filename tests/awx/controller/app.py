# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The routes of the API."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from awx.controller import users
from awx.controller.refusal import Refused
from awx.controller.service import JOBS, Service
from awx.controller.tables import Item
from awx.controller.users import User

Handler = Callable[[Request, User], Awaitable[Response]]

_HEADERS = {"X-API-Product-Name": "AWX", "X-API-Product-Version": "24.6.1"}
_MAX_PAGE = 200
# The path behind the gateway of Automation Controller, which is also in the URLs that the API returns.
_GATEWAY = "/api/controller/"


@dataclass(frozen=True)
class LaunchFault:
    """An error response to a launch. ``is_launched``: whether the job was launched nevertheless."""

    status: int
    is_launched: bool = False


class Routes:
    """The handlers.

    ``log`` has the method and path of each request that could change something. ``is_up`` is false while the controller
    is down; then its proxy answers all requests. After ``answers_left`` more answers, it goes down by itself.
    ``on_step`` is called before a request takes effect, and before it is answered.
    """

    def __init__(self, service: Service, known: list[User]) -> None:
        self._service = service
        self._users = known
        self.log: list[str] = []
        self.is_up = True
        self.answers_left: int | None = None
        self.on_step: Callable[[], None] = lambda: None
        self.under_way = 0
        # The errors of the next launches. All launches after these succeed.
        self.launch_faults: list[LaunchFault] = []

    def app(self) -> Starlette:
        """Return the application. Automation Controller 2.5 has the same API with another path."""
        return Starlette(routes=[*self._routes("/api/v2"), *self._routes("/api/controller/v2")])

    def _routes(self, prefix: str) -> list[Route]:
        item, link = f"{prefix}/{{kind}}/{{number:int}}/", f"{prefix}/{{kind}}/{{number:int}}/{{what}}/"
        return [
            Route(f"{prefix}/config/", self._guarded(self._config)),
            Route(f"{prefix}/{{kind}}/", self._guarded(self._list)),
            Route(f"{prefix}/{{kind}}/", self._guarded(self._create), methods=["POST"]),
            Route(item, self._guarded(self._show)),
            Route(item, self._guarded(self._update), methods=["PATCH"]),
            Route(item, self._guarded(self._remove), methods=["DELETE"]),
            Route(link, self._guarded(self._show_part)),
            Route(link, self._guarded(self._change_part), methods=["POST"]),
        ]

    def _guarded(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            self.under_way += 1
            self.on_step()
            try:
                return await decide(request)
            finally:
                self.on_step()
                self.under_way -= 1

        async def decide(request: Request) -> Response:
            if self.answers_left is not None:
                self.is_up = self.answers_left > 0
                self.answers_left -= 1
            if not self.is_up:
                return Response("<html><h1>502 Bad Gateway</h1></html>", 502)
            given = request.headers.get("Authorization")
            user = next((one for one in self._users if given == f"Bearer {one.token}"), None)
            if user is None:
                return JSONResponse({"detail": "Authentication credentials were not provided."}, 401)
            if request.method != "GET":
                self.log.append(f"{request.method} {request.url.path}")
            try:
                response = await handler(request, user)
            except Refused as refused:
                response = JSONResponse(refused.body, refused.status)
            if request.url.path.startswith(_GATEWAY):
                body = bytes(response.body).replace(b'"/api/v2/', f'"{_GATEWAY}v2/'.encode())
                response = Response(body, response.status_code, media_type="application/json")
            response.headers.update(_HEADERS)
            return response

        return answer

    async def _config(self, request: Request, user: User) -> Response:
        return JSONResponse({"version": _HEADERS["X-API-Product-Version"]})

    async def _list(self, request: Request, user: User) -> Response:
        kind = request.path_params["kind"]
        seen = users.visible(user, kind, self._service.tables.all(kind))
        found = self._service.tables.matching(seen, request.query_params)
        return _page([self._service.shown(item, user) for item in found])

    async def _create(self, request: Request, user: User) -> Response:
        item = self._service.create(request.path_params["kind"], await _json(request), user)
        return JSONResponse(self._service.shown(item, user), 201)

    async def _show(self, request: Request, user: User) -> Response:
        return JSONResponse(self._service.shown(self._item(request, user), user))

    async def _update(self, request: Request, user: User) -> Response:
        item = self._service.update(*_place(request), await _json(request), user)
        return JSONResponse(self._service.shown(item, user))

    async def _remove(self, request: Request, user: User) -> Response:
        self._service.remove(*_place(request), user)
        return Response(status_code=204)

    async def _show_part(self, request: Request, user: User) -> Response:
        kind, number = _place(request)
        what, item = request.path_params["what"], self._item(request, user)
        if what == "survey_spec":
            return JSONResponse(item["survey_spec"])
        if what == "stdout":
            return JSONResponse({"range": {"start": 0}, "content": item["stdout"]})
        if what in JOBS.values():
            started = [one for one in self._service.tables.all(what) if one["unified_job_template"] == number]
            return _page([self._service.shown(one, user) for one in reversed(started)])
        linked = self._service.tables.links.get((kind, number, what), [])
        return _page([{"id": other} for other in linked])

    async def _change_part(self, request: Request, user: User) -> Response:
        kind, number = _place(request)
        what, given = request.path_params["what"], await _json(request)
        self._item(request, user)
        if what == "launch":
            return self._launch(kind, number, given, user)
        if not user.is_admin:
            raise Refused({"detail": "You do not have permission to perform this action."}, 403)
        if what == "survey_spec":
            self._service.set_survey(kind, number, given)
            return JSONResponse({})
        if what == "update":
            return JSONResponse({**self._service.update_project(number), "status": "pending"}, 202)
        if what == "create_approval_template":
            return JSONResponse(self._service.add_approval(number, given), 201)
        linked = self._service.tables.links.setdefault((kind, number, what), [])
        if given.get("disassociate"):
            linked.remove(given["id"])
        else:
            linked.append(given["id"])
        return Response(status_code=204)

    def _launch(self, kind: str, number: int, given: dict[str, Any], user: User) -> Response:
        fault = self.launch_faults.pop(0) if self.launch_faults else None
        if fault is None or fault.is_launched:
            started = self._service.shown(self._service.launch(kind, number, given, user), user)
        if fault is not None:
            return Response("<html><h1>Bad Gateway</h1></html>", fault.status)
        return JSONResponse(started, 201)

    def _item(self, request: Request, user: User) -> Item:
        kind, number = _place(request)
        item = self._service.tables.get(kind, number)
        if not users.visible(user, kind, [item]):
            raise Refused({"detail": "You do not have permission to perform this action."}, 403)
        return item


def _place(request: Request) -> tuple[str, int]:
    return request.path_params["kind"], request.path_params["number"]


async def _json(request: Request) -> dict[str, Any]:
    given: dict[str, Any] = json.loads(await request.body() or b"{}")
    return given


def _page(items: list[Item]) -> JSONResponse:
    return JSONResponse({"count": len(items), "next": None, "previous": None, "results": items[:_MAX_PAGE]})
