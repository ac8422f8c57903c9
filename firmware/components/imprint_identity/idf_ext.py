"""idf.py imprint-prepare: builds the project and prepares boards with it.

ESP-IDF 6.0 and later find this file in each component that is a part of a configured project. Before, idf.py loads
the file idf_ext.py of the project's own folder, and modules called …_ext in the folders of IDF_EXTRA_ACTIONS_PATH:
firmware/README.md. (ESP-IDF: tools/idf.py, init_cli.)
"""

import os
import shlex
import shutil
import subprocess

ACTION = "imprint-prepare"


def fail(message):
    try:
        from idf_py_actions.errors import FatalError  # idf.py shows its text, and ends with 2
    except ImportError:
        raise SystemExit(message) from None
    raise FatalError(message)


def prepare(action, ctx, args, lot=None, imprint_args=""):
    program = os.environ.get("IMPRINT_PROGRAM") or shutil.which("imprint")
    if not program:
        fail("the program 'imprint' is not in PATH; set IMPRINT_PROGRAM to it")
    command = [program, "prepare"]
    if args.port:
        command += ["--port", args.port]
    if lot:
        command += ["--lot", lot]
    command += shlex.split(imprint_args or "")
    # What idf.py has just built counts, whatever imprint.toml says of another folder.
    environment = dict(os.environ)
    environment["IMPRINT_FIRMWARE_DIRECTORY"] = os.path.abspath(args.project_dir)
    environment["IMPRINT_FIRMWARE_ARTIFACTS"] = os.path.abspath(args.build_dir)
    status = subprocess.run(command, cwd=args.project_dir, env=environment, check=False).returncode
    if status != 0:
        fail(f"imprint prepare ended with {status}")


def action_extensions(base_actions, project_path):
    if ACTION in base_actions.get("actions", {}):
        return {}  # found twice: by the project, and by ESP-IDF itself
    return {
        "version": "1",
        "actions": {
            ACTION: {
                "callback": prepare,
                "short_help": "Build, and prepare boards with Imprint.",
                "help": "Build the project, and give each board that is connected its cloud identity and this "
                "firmware, as imprint.toml in the project's folder says.",
                "dependencies": ["all"],
                "options": [
                    {
                        "names": ["-p", "--port"],
                        "help": "Serial port of the board; without it, imprint.toml's.",
                        "scope": "global",
                        "envvar": "ESPPORT",
                        "default": None,
                    },
                    {"names": ["--lot"], "help": "Production lot of the boards.", "default": None},
                    {
                        "names": ["--imprint-args"],
                        "help": 'More options for "imprint prepare", as one text.',
                        "default": "",
                    },
                ],
            },
        },
    }
