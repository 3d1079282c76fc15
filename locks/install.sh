#!/bin/sh
# Makes /venv of a role's lock, for an image: install.sh ROLE. Leaves out what no service runs: pip, the packages' own tests,
# botocore's descriptions of services that the project does not call, and onnxruntime's tools and its library for C.
set -eu
python -m venv /venv
/venv/bin/pip install --require-hashes -r "locks/$1.lock"
if [ "$1" = models ]; then exit; fi
/venv/bin/python -m pip uninstall --yes pip setuptools
cd /venv/lib/python3.*/site-packages
find . -type d -name tests -prune -exec rm -r {} +
[ ! -d botocore/data ] || find botocore/data -mindepth 1 -maxdepth 1 -type d ! -name kms ! -name s3 ! -name 'sso*' ! -name sts -exec rm -r {} +
rm -rf onnxruntime/backend onnxruntime/datasets onnxruntime/quantization onnxruntime/tools onnxruntime/transformers \
  onnxruntime/capi/libonnxruntime.so.*
find . -name __pycache__ -prune -exec rm -r {} +
python -m compileall -q --invalidation-mode unchecked-hash . || true # some packages hold files for other versions of Python
