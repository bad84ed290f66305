FROM debian:12-slim AS build
WORKDIR /src
COPY scripts/install-dependencies scripts/
RUN scripts/install-dependencies build package && rm -rf /var/lib/apt/lists/*
COPY . .
RUN scripts/package-deb && mv build/hubkeep_*.deb /hubkeep.deb

FROM debian:12-slim
COPY --from=build /hubkeep.deb /tmp/
RUN apt-get update \
 && apt-get install -y --no-install-recommends /tmp/hubkeep.deb \
 && rm -rf /var/lib/apt/lists/* /tmp/hubkeep.deb \
 && useradd --uid 10001 --create-home hubkeep \
 && install -d -o hubkeep -m 700 /vault /vault/hubkeep-vault /state
USER 10001
# The vault, where no bucket is named, is mounted at hubkeep-vault in it: settings are read in the current folder,
# and whoever else can write to the vault must not write them. No VOLUME: it would hide a vault below /vault.
WORKDIR /vault
# What is remembered of the vault: a volume of its own, or it is gone with the container.
ENV STATE_DIRECTORY=/state
ENTRYPOINT ["hubkeep"]
CMD ["backup"]
