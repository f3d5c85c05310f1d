"""Every address. None carries anything about the visitor's body."""

from __future__ import annotations

from django.urls import path
from django.views.i18n import set_language

from web import views

urlpatterns = [
    path("", views.home, name="home"),
    path("products/<str:mall>/<str:product_id>", views.product, name="product"),
    path("body", views.save_body, name="save_body"),
    path("body/choose", views.choose_body, name="choose_body"),
    path("body/wish", views.choose_wish, name="choose_wish"),
    path("body/forget", views.forget_body, name="forget_body"),
    path("language", set_language, name="set_language"),
    path("status.json", views.status, name="status"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]

handler404 = "web.views.not_found"
handler500 = "web.views.error"
