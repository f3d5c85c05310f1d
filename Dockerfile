# The image of every service of docker-compose.yaml: Python, Chromium with its driver, the locked packages, the code.
FROM python:3.12-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends chromium chromium-driver fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /otto
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock

RUN useradd --create-home otto && mkdir /state && chown otto /state
COPY airflow.cfg ./
COPY dags dags
COPY plugins plugins
COPY include include
COPY ml ml
COPY web web
COPY api api
COPY local local

USER otto
ENV PYTHONPATH=/otto PYTHONDONTWRITEBYTECODE=1 OTTO_STATE=/state
VOLUME /state
