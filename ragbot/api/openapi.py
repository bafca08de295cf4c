"""What /openapi.json says beside what the routes say of themselves."""

from typing import Any

from fastapi import FastAPI

from ragbot.api.security import API

SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "The key, for programs."},
    "basic": {"type": "http", "scheme": "basic", "description": "Any name with the key as password, for browsers."},
}


def describe_the_key(app: FastAPI) -> None:
    """Adds the two ways to show the key: it is checked around the routes, so none of them knows of it."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = made()
            schema["components"]["securitySchemes"] = SCHEMES
            for path, methods in schema["paths"].items():
                for operation in methods.values() if path.startswith(API) else ():
                    # The empty one: a service without a key asks for none.
                    operation["security"] = [*({name: []} for name in SCHEMES), {}]
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
