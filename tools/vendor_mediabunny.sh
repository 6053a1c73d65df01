#!/bin/sh
# Makes src/mobilevos/web/vendor/mediabunny.min.mjs: the parts of mediabunny that the page uses, from the npm registry.
# Usage: tools/vendor_mediabunny.sh   (needs npm; the versions are fixed here and checked by npm)
set -eu
MEDIABUNNY=1.61.0
ESBUILD=0.28.2
target="$(cd "$(dirname "$0")/../src/mobilevos/web/vendor" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save "mediabunny@$MEDIABUNNY" "esbuild@$ESBUILD"
cat > entry.mjs <<END
export {
  AudioSampleSink, AudioSampleSource, BlobSource, BufferTarget, CanvasSink, CanvasSource, EncodedAudioPacketSource,
  EncodedPacketSink, getFirstEncodableAudioCodec, getFirstEncodableVideoCodec, Input, MATROSKA, MP4, Mp4OutputFormat,
  MPEG_TS, Output, QTFF, QUALITY_HIGH, StreamTarget, WEBM, WebMOutputFormat
} from "mediabunny";
END
npx esbuild entry.mjs --bundle --minify --format=esm --target=es2022 --legal-comments=none --external:node:* \
  --banner:js="/* mediabunny $MEDIABUNNY, (c) 2026-present Vanilagy and contributors, Mozilla Public License 2.0: https://mozilla.org/MPL/2.0/; source: https://www.npmjs.com/package/mediabunny/v/$MEDIABUNNY */" \
  --outfile="$target/mediabunny.min.mjs"
cp node_modules/mediabunny/LICENSE "$target/mediabunny.LICENSE.txt"
