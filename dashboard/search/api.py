"""The API's operations on search."""

from ninja import Router

router = Router()
