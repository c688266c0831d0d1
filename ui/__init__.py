"""The faces of medfaq: the web page, the API and the command line."""
