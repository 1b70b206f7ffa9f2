"""The book on paper: pages of the site joined, printed by Chromium, finished with pypdf."""
