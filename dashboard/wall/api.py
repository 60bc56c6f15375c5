"""The API's operations on wall."""

from ninja import Router

router = Router()
