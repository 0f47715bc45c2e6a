from django.db import models


class YuanField(models.DecimalField):
    """An amount that people read and write in yuan, such as dues; amounts of other fields are shown in 万元."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **{"max_digits": 12, "decimal_places": 2, **kwargs})  # type: ignore[arg-type]
