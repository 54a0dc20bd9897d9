// Stands for the client in tests that load no page in a browser.
