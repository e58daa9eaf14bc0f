#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the certificates of the tests anew, in this folder. They are valid for a long time, except for the expired one.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: > "$work/index"
cat > "$work/ca.cnf" <<CNF
[ca]
default_ca = it
[it]
database = $work/index
new_certs_dir = $work
rand_serial = yes
default_md = sha256
policy = any
email_in_dn = no
unique_subject = no
[any]
commonName = supplied
CNF

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2> "$work/log"; }

# sign NAME COMMON_NAME AUTHORITY EXTENSIONS [START END]
sign() {
    name=$1 subject=$2 authority=$3
    printf '%b' "$4" > "$work/ext"
    openssl req -new -key "$name.key" -subj "/CN=$subject" -out "$work/$name.csr"
    openssl ca -batch -notext -config "$work/ca.cnf" -cert "$authority.pem" -keyfile "$authority.key" -extfile "$work/ext" \
        -startdate "${5:-20200101000000Z}" -enddate "${6:-21200101000000Z}" -in "$work/$name.csr" -out "$name.pem" 2> "$work/log" ||
        { cat "$work/log"; exit 1; }
}

# alone NAME COMMON_NAME EXTENSIONS: signed by itself
alone() {
    key "$1"
    printf '%b' "$3" > "$work/ext"
    openssl req -new -key "$1.key" -subj "/CN=$2" -out "$work/$1.csr"
    openssl ca -batch -notext -config "$work/ca.cnf" -selfsign -keyfile "$1.key" -extfile "$work/ext" \
        -startdate 20200101000000Z -enddate 21200101000000Z -in "$work/$1.csr" -out "$1.pem" 2> "$work/log" ||
        { cat "$work/log"; exit 1; }
}

local='subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n'
authority='basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n'

alone ca 'Simul Test CA' "$authority"
alone self-signed localhost "$local"
key intermediate && sign intermediate 'Simul Test Intermediate' ca "$authority"
key server && sign server localhost ca "$local"
key client && sign client 'a client' ca 'extendedKeyUsage=clientAuth\n'
key wrong-host && sign wrong-host example.org ca 'subjectAltName=DNS:example.org\n'
key expired && sign expired localhost ca "$local" 20000101000000Z 20010101000000Z

openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out chain.key 2> "$work/log"
sign chain localhost intermediate "$local"
cat intermediate.pem >> chain.pem
rm intermediate.pem intermediate.key ca.key

openssl pkcs8 -topk8 -in server.key -passout pass:secret -out server-encrypted.key
openssl ec -in server.key -out server-sec1.key 2> "$work/log"
openssl rsa -traditional -in chain.key -out chain-pkcs1.key 2> "$work/log"
cat server.pem server.key > server-both.pem
