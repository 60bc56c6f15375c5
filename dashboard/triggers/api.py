"""The API's operations on triggers."""

from ninja import Router

router = Router()
