"""The API's operations on projects."""

from ninja import Router

router = Router()
