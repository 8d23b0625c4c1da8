# The portal as one image: web, worker, beat and migrate differ only in their command (docker-compose.yml).
FROM debian:bookworm-slim AS build
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
COPY requirements.txt /srv/
RUN python3 -m venv /srv/venv \
    && /srv/venv/bin/pip install --no-cache-dir --require-hashes -r /srv/requirements.txt
COPY . /srv/portal
WORKDIR /srv/portal
RUN /srv/venv/bin/pybabel compile --directory locale --domain django \
    && /srv/venv/bin/python -m compileall -q . \
    && SECRET_KEY=only-for-building STATIC_ROOT=/srv/static /srv/venv/bin/python manage.py collectstatic --no-input

FROM debian:bookworm-slim
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin portal \
    && install -d -o portal -g portal /srv/var /srv/var/media /srv/var/mail /srv/var/cache
COPY --from=build /srv/venv /srv/venv
COPY --from=build /srv/static /srv/static
COPY --from=build /srv/portal /srv/portal
ENV PATH=/srv/venv/bin:$PATH \
    PORTAL_VAR=/srv/var \
    STATIC_ROOT=/srv/static \
    XDG_CACHE_HOME=/srv/var/cache \
    PYTHONUNBUFFERED=1
WORKDIR /srv/portal
USER 10001
EXPOSE 8000
CMD ["gunicorn", "lunarloans.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--no-control-socket"]
