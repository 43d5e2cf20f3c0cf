# What `make serve` installs, as a container. Run it with --read-only; only /data is written to.
ARG BASE=python:3.12-slim
FROM ${BASE} AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY idphoto idphoto
COPY specs specs
RUN python -m venv /opt/idphoto \
    && /opt/idphoto/bin/python -m pip --disable-pip-version-check --quiet install --no-cache-dir \
        -c constraints.txt ".[heic,server,postgres,s3]"

FROM ${BASE}
# OpenCV and MediaPipe load libGL at import, even without a screen.
RUN apt-get update -q \
    && apt-get install -q -y --no-install-recommends libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin idphoto \
    && install -d -o idphoto -g idphoto /data
COPY --from=build /opt/idphoto /opt/idphoto
# No file is written outside /data: no bytecode, and no font cache of matplotlib, which MediaPipe imports.
ENV PATH=/opt/idphoto/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 MPLCONFIGDIR=/data/.matplotlib \
    IDPHOTO_HOST=0.0.0.0 IDPHOTO_PORT=8000 IDPHOTO_DATA=/data
USER idphoto
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD \
    ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["idphoto"]
CMD ["serve"]
