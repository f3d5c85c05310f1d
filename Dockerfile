# The image of docker-compose.yaml: Python, the locked packages, the broker and the code. Browsers are in the Grid's image.
# What is needed to install the packages stays in the first stage.
FROM python:3.12-slim-bookworm AS packages

COPY requirements.lock ./
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock


FROM python:3.12-slim-bookworm AS node

# tini is the first process of every container: it passes signals on and reaps what tasks leave behind
RUN apt-get update \
    && apt-get install -y --no-install-recommends redis-server tini \
    && rm -rf /var/lib/apt/lists/*

COPY --from=packages /opt/venv /opt/venv
RUN useradd --create-home otto && mkdir /state && chown otto /state

WORKDIR /otto
COPY airflow.cfg ./
COPY dags dags
COPY plugins plugins
COPY include include
COPY ml ml
COPY web web
COPY api api
COPY local local

USER otto
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/otto PYTHONDONTWRITEBYTECODE=1 OTTO_STATE=/state
VOLUME /state
ENTRYPOINT ["/usr/bin/tini", "--"]
