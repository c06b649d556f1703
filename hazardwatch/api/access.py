"""Who asks, and may they: bearer token -> Token, by role. It knows nothing of alarms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from hazardwatch.api.tokens import Role, Token, Tokens

_bearer = HTTPBearer(
    auto_error=False,
    description="A token made with `hazardwatch token create NAME --role viewer|operator|engineer|admin`.",
)
COMMAND_ROLE: dict[str, Role] = {
    "acknowledge": "operator",
    "reset": "operator",
    "shelve": "operator",
    "unshelve": "operator",
    "mode": "operator",
    "out_of_service": "engineer",
    "in_service": "engineer",
    "bypass": "engineer",
    "apply": "engineer",
    "approve": "engineer",
    "reject": "engineer",
    "verify": "operator",
    "dispose": "operator",
    "feed_back": "operator",
}
"""What takes a protection away for longer than a shelf needs an engineer."""
Finder = Callable[..., Token]
"""A dependency that gives the token of a request."""


def holder(tokens: Tokens) -> Callable[[HTTPAuthorizationCredentials | None], Token]:
    """A dependency that gives the token of a request, at least a viewer's; 401 without one."""

    def find(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Token:
        token = tokens.find(credentials.credentials) if credentials else None
        if token is None:
            given = "this token is unknown or revoked" if credentials else "a bearer token is needed"
            raise HTTPException(
                401,
                f"{given}: `hazardwatch token create NAME --role viewer` beside the service makes one",
                {"WWW-Authenticate": "Bearer"},
            )
        return token

    return find


def allowed(token: Token, command: str) -> None:
    """Raises HTTPException 403 unless the token's role is enough."""
    role = COMMAND_ROLE[command]
    if not token.may(role):
        raise HTTPException(403, f"{command} needs the role {role}; the token {token.name} has {token.role}")


def person(token: Token, command: str, by: str | None) -> str:
    """In whose name a command goes. Raises HTTPException 403 or 422."""
    allowed(token, command)
    if token.person is not None and by not in (None, token.person):
        raise HTTPException(403, f"the token {token.name} is {token.person}'s own and cannot speak for {by}")
    who = token.person or by
    if who is None:
        raise HTTPException(422, "who does it? Name a person of the site file (--by PERSON, or `by` in the body)")
    return who
