"""The page: `app.py` builds it, `render.py` turns answers into safe HTML, `locales/` has its words."""
