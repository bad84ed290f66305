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
 && install -d -o hubkeep -m 700 /vault
USER 10001
# The vault is hubkeep-vault in it, where no bucket is named.
WORKDIR /vault
VOLUME /vault
ENTRYPOINT ["hubkeep"]
CMD ["backup"]
