"""The API's operations on run lists."""

from ninja import Router

router = Router()
