# The first Python that is new enough; PYTHON=... names another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; exit; }; done; echo python3)
VENV := .venv/bin/python
# For `check --deploy` only: nothing is opened or served with these values.
PRODUCTION := REGISTRY_ENV=production REGISTRY_ALLOWED_HOSTS=registry.example \
	REGISTRY_SECRET_KEY="$$($(VENV) -c 'import secrets; print(secrets.token_urlsafe(48))')" \
	DATABASE_URL="postgresql://registry@db.example/registry?sslmode=verify-full"

.PHONY: setup tools assistants wheels run practice dev test check lint types imports translations migrations openapi dictionary deploy messages schema fuzz bench pictures look trial lock

# What running needs; `tools` adds what tests and checks need.
setup:
	@$(PYTHON) -m config.bootstrap
	@$(VENV) -m config.catalog

tools:
	@$(PYTHON) -m config.bootstrap --dev
	@$(VENV) -m config.catalog

# What the access by assistants needs (docs/assistants.md): neither database nor site.
assistants:
	@$(PYTHON) -m config.bootstrap --assistants
	@$(VENV) -m config.catalog

# All packages as files in wheels/, for a computer without internet.
wheels:
	@$(PYTHON) -m config.bootstrap --wheels

run: setup
	@$(VENV) -m config.run

# A site for practice beside the real one, with data of its own; FRESH=1 begins it anew.
practice: export REGISTRY_PRACTICE = 1
practice: export DATABASE_URL =
practice: export PORT := $(or $(PORT),8001)
practice: setup
	@$(if $(filter-out 0,$(FRESH)),$(VENV) -m config.practice)
	@$(VENV) -m config.run

# Recipes of servers are single commands without a shell, which would keep signals from them.
dev: export REGISTRY_DEBUG = 1
dev: setup
	@$(VENV) -m config.run --dev

# In the order of the files: the many small ones come last, where two processes are to end together.
test: tools
	$(VENV) -m pytest -n auto --dist loadfile --no-loadscope-reorder

# `make -k check` goes on after the first complaint.
check: lint types imports translations migrations openapi dictionary deploy

lint: tools
	$(VENV) -m ruff check .
	$(VENV) -m ruff format --check .

types: tools
	$(VENV) -m mypy

imports: tools
	.venv/bin/lint-imports --no-logo --cache-dir var/import_linter

translations: tools
	$(VENV) -m config.catalog --check

migrations: tools
	$(VENV) manage.py makemigrations --check --dry-run

openapi: tools
	$(VENV) manage.py spectacular --lang en --validate --fail-on-warn --file var/openapi.yaml
	@diff -u docs/openapi.yaml var/openapi.yaml || { echo 'docs/openapi.yaml is not up to date: make schema' >&2; exit 1; }

dictionary: tools
	@mkdir -p var/dictionary
	$(VENV) manage.py data_dictionary var/dictionary
	@diff -u docs/data-dictionary.md var/dictionary/data-dictionary.md && \
		diff -u docs/zh/data-dictionary.md var/dictionary/zh/data-dictionary.md && \
		diff -u docs/personal-data.md var/dictionary/personal-data.md && \
		diff -u docs/zh/personal-data.md var/dictionary/zh/personal-data.md || \
		{ echo 'The data dictionary is not up to date: make schema' >&2; exit 1; }

deploy: tools
	$(PRODUCTION) $(VENV) manage.py check --deploy --fail-level WARNING

# Compiles the translations; `make check` tells which are missing.
messages: setup

# Writes the OpenAPI file and the data dictionary anew.
schema: tools
	$(VENV) manage.py spectacular --lang en --validate --fail-on-warn --file docs/openapi.yaml
	$(VENV) manage.py data_dictionary docs

# Asks every operation of both APIs EXAMPLES times for what the OpenAPI file says and what it does not say; FUZZ_SEED
# draws others, ONLY='public' those whose name fits.
fuzz: export FUZZ_COVERAGE = 1
fuzz: tools
	FUZZ_EXAMPLES=$(or $(EXAMPLES),400) $(VENV) -m pytest tests/config/test_api_fuzz.py -n auto $(if $(ONLY),-k '$(ONLY)')

# What is only compared with stays out of .venv; without it (no network) the comparison is left out.
bench: tools
	@cmp -s bench/requirements.lock var/bench/packages/installed || { mkdir -p var/bench && \
		$(VENV) -m pip install --quiet --disable-pip-version-check --no-input --only-binary :all: --require-hashes \
			--no-deps --upgrade --target var/bench/packages -r bench/requirements.lock && \
		cp bench/requirements.lock var/bench/packages/installed; } || echo 'The comparison with django-import-export is left out.'
	$(VENV) -m bench $(BENCH)

# Draws the pictures of docs/images anew, or those named: ONLY='start round'. Needs Chromium and Noto Sans CJK.
pictures: tools
	@$(VENV) -m bench.pictures $(ONLY)

# Opens every kind of page of the staff in both languages and widths; axe-core stays below var/look, and without it
# (no network) its part is left out. FOLDER keeps the pages as pictures.
look: tools
	@mkdir -p var/look && $(VENV) -m pip install --quiet --disable-pip-version-check --no-input --only-binary :all: --require-hashes \
		--no-deps --upgrade --target var/look/packages -r bench/look/requirements.lock || echo 'axe-core is left out.'
	@$(VENV) -m bench.look $(FOLDER)

# The import tried on real lists, which are no part of the project: REGISTRY_TRIAL_DATA names their directory.
trial: tools
	@$(VENV) -m bench.trial

COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q
# Names the packages of a lock as what another one leaves out.
LEAVE_OUT = $$(sed -nE 's/^([a-z0-9-]+)==.*/--no-emit-package \1/p' $(1))
# Five locks that add up: what running needs, the embedded PostgreSQL, the sign-in by another system, the access by
# assistants (some of its packages are those of the sign-in), and what tests and checks need besides.
lock:
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) --extra embedded -c requirements.lock pyproject.toml -o requirements-embedded.lock \
		$(call LEAVE_OUT,requirements.lock)
	$(COMPILE) --extra oidc -c requirements.lock pyproject.toml -o requirements-oidc.lock \
		$(call LEAVE_OUT,requirements.lock)
	$(COMPILE) --extra assistants -c requirements.lock -c requirements-oidc.lock pyproject.toml \
		-o requirements-assistants.lock $(call LEAVE_OUT,requirements.lock)
	$(COMPILE) --extra dev --extra oidc --extra assistants -c requirements.lock -c requirements-embedded.lock \
		-c requirements-oidc.lock -c requirements-assistants.lock pyproject.toml -o requirements-dev.lock \
		$(call LEAVE_OUT,requirements.lock requirements-embedded.lock requirements-oidc.lock requirements-assistants.lock)
	$(COMPILE) --group bench --constraints requirements.lock --no-emit-package django --no-emit-package asgiref \
		--no-emit-package sqlparse --no-emit-package tzdata -o bench/requirements.lock
