"""Pages, one module per noun. A view authorises, asks the platform, fills its page, renders it."""
