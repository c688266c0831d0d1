"""The fixed text that stands beside everything medfaq says."""

DISCLAIMER = (
    "This is general information from a published FAQ. It is not medical advice and does not "
    "replace a doctor, nurse or pharmacist. In an emergency, call your local emergency number."
)
