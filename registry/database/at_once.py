"""An operation of migrations that makes many changes of models as one."""

from collections.abc import Sequence

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class AtOnce(Operation):
    """Makes all changes of the models, and then all changes of the database, both in their order.

    After each operation Django builds the classes of all related models anew, which are nearly all there are: 0.1 to
    0.3 s for every field, constraint and trigger. With this operation it builds them once. So each operation sees the
    models as they are before the first and after the last one, and a table is created with all its columns,
    constraints and indexes. What needs the models in between, such as altering a field that has just been added,
    comes after this operation.
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations
        self._created = {one.name_lower for one in operations if isinstance(one, CreateModel)}

    @property
    def reversible(self) -> bool:  # type: ignore[override]
        return all(operation.reversible for operation in self.operations)

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)  # the classes are built when somebody asks for them
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for operation in self.operations:
            if not self._comes_with_table(operation):
                operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for operation in reversed(self.operations):
            if not self._comes_with_table(operation):
                # Only the state before this one knows a table that goes away.
                state = from_state if self._of_new_table(operation) else to_state
                operation.database_backwards(app_label, schema_editor, from_state, state)

    def describe(self) -> str:
        return "; ".join(operation.describe() for operation in self.operations)

    def _comes_with_table(self, operation: Operation) -> bool:
        return isinstance(operation, (AddField, AddConstraint, AddIndex)) and self._of_new_table(operation)

    def _of_new_table(self, operation: Operation) -> bool:
        return getattr(operation, "model_name", "").lower() in self._created
