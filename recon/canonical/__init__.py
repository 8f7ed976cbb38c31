"""Canonical: records become the tables that everyone agrees on."""
