# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The routes of the API."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from awx.controller.refusal import Refused
from awx.controller.service import Service
from awx.controller.tables import Item

Handler = Callable[[Request], Awaitable[Response]]

_HEADERS = {"X-API-Product-Name": "AWX", "X-API-Product-Version": "24.6.1"}


class Routes:
    """The handlers; ``log`` has method and path of each request that could change something."""

    def __init__(self, service: Service, token: str) -> None:
        self._service = service
        self._token = token
        self.log: list[str] = []

    def app(self) -> Starlette:
        """The application."""
        item, link = "/api/v2/{kind}/{number:int}/", "/api/v2/{kind}/{number:int}/{what}/"
        routes = [
            Route("/api/v2/{kind}/", self._guarded(self._list)),
            Route("/api/v2/{kind}/", self._guarded(self._create), methods=["POST"]),
            Route(item, self._guarded(self._show)),
            Route(item, self._guarded(self._update), methods=["PATCH"]),
            Route(item, self._guarded(self._remove), methods=["DELETE"]),
            Route(link, self._guarded(self._show_part)),
            Route(link, self._guarded(self._change_part), methods=["POST"]),
        ]
        return Starlette(routes=routes)

    def _guarded(self, handler: Handler) -> Handler:
        async def answer(request: Request) -> Response:
            if request.headers.get("Authorization") != f"Bearer {self._token}":
                return JSONResponse({"detail": "Authentication credentials were not provided."}, 401)
            if request.method != "GET":
                self.log.append(f"{request.method} {request.url.path}")
            try:
                response = await handler(request)
            except Refused as refused:
                response = JSONResponse(refused.body, refused.status)
            response.headers.update(_HEADERS)
            return response

        return answer

    async def _list(self, request: Request) -> Response:
        found = self._service.tables.matching(request.path_params["kind"], request.query_params)
        return _page([self._service.shown(item) for item in found])

    async def _create(self, request: Request) -> Response:
        item = self._service.create(request.path_params["kind"], await _json(request))
        return JSONResponse(self._service.shown(item), 201)

    async def _show(self, request: Request) -> Response:
        return JSONResponse(self._service.shown(self._item(request)))

    async def _update(self, request: Request) -> Response:
        item = self._service.update(*_place(request), await _json(request))
        return JSONResponse(self._service.shown(item))

    async def _remove(self, request: Request) -> Response:
        self._service.tables.remove(*_place(request))
        return Response(status_code=204)

    async def _show_part(self, request: Request) -> Response:
        kind, number = _place(request)
        if request.path_params["what"] == "survey_spec":
            return JSONResponse(self._item(request)["survey_spec"])
        linked = self._service.tables.links.get((kind, number, request.path_params["what"]), [])
        return _page([{"id": other} for other in linked])

    async def _change_part(self, request: Request) -> Response:
        kind, number = _place(request)
        what, given = request.path_params["what"], await _json(request)
        self._item(request)
        if what == "survey_spec":
            self._service.set_survey(kind, number, given)
            return JSONResponse({})
        if what == "launch":
            return JSONResponse(self._service.launch(number, given), 201)
        linked = self._service.tables.links.setdefault((kind, number, what), [])
        if given.get("disassociate"):
            linked.remove(given["id"])
        else:
            linked.append(given["id"])
        return Response(status_code=204)

    def _item(self, request: Request) -> Item:
        return self._service.tables.get(*_place(request))


def _place(request: Request) -> tuple[str, int]:
    return request.path_params["kind"], request.path_params["number"]


async def _json(request: Request) -> dict[str, Any]:
    given: dict[str, Any] = json.loads(await request.body() or b"{}")
    return given


def _page(items: list[Item]) -> JSONResponse:
    return JSONResponse({"count": len(items), "next": None, "previous": None, "results": items})
