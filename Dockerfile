# The server of deepi2i_tf (docs/serving.md). BUILD.md has the commands.

FROM debian:bookworm-slim AS build
# Debian drops old versions with each point release: pinned ones would vanish.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3-pip python3-venv
WORKDIR /source
COPY . .
# The bounds of versions are the package's own, in setup.py.
# hadolint ignore=DL3013
RUN python3 -m venv --without-pip /opt/deepi2i_tf \
  && pip --python /opt/deepi2i_tf install --no-cache-dir '.[serve]'

FROM debian:bookworm-slim
# Python alone: no pip, no compiler.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3 \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --uid 10001 --create-home server
COPY --from=build /opt/deepi2i_tf /opt/deepi2i_tf
ENV PATH=/opt/deepi2i_tf/bin:$PATH PYTHONUNBUFFERED=1
USER 10001
WORKDIR /home/server
EXPOSE 8500 8501
# Loading and warming a large model takes longer than a plain interval.
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/readyz')"]
ENTRYPOINT ["python3", "-m", "deepi2i_tf.serve", "--model=/models/model", "--host=0.0.0.0"]
# Another machine calls the server by another name: give --hosts=NAME.
CMD ["--hosts=localhost"]
