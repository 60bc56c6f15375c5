"""The API's operations on compare."""

from ninja import Router

router = Router()
