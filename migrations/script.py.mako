"""${message}"""

from pathlib import Path

from galen.provisioning.migrate import in_shared_schema, script

revision = ${'"' + up_revision + '"'}
down_revision = ${'"' + down_revision + '"'}
HERE = Path(__file__).parent


def upgrade() -> None:
% if shared and organization:
    script(HERE / (${'"' + shared + '"'} if in_shared_schema() else ${'"' + organization + '"'}))
% elif shared:
    if in_shared_schema():
        script(HERE / ${'"' + shared + '"'})
% else:
    if not in_shared_schema():
        script(HERE / ${'"' + organization + '"'})
% endif
