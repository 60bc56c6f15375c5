"""The API's operations on launching."""

from ninja import Router

router = Router()
