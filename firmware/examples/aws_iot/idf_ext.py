"""Brings the component's actions to idf.py before ESP-IDF 6.0, which then finds them itself."""

import glob
import importlib.util
import os

HERE = os.path.dirname(os.path.abspath(__file__))
PLACES = ("../../components/imprint_identity", "components/imprint_identity", "managed_components/*imprint_identity")


def action_extensions(base_actions, project_path):
    for place in PLACES:
        for path in glob.glob(os.path.join(HERE, place, "idf_ext.py")):
            spec = importlib.util.spec_from_file_location("imprint_identity_idf_ext", path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module.action_extensions(base_actions, project_path)
    return {}  # the component manager has not fetched it yet
