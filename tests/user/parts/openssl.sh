# shellcheck shell=bash
# openssl's digests and ciphers, beside the host's own openssl, and its benchmark.
need openssl

command -v openssl >/dev/null || skip "the host has no openssl"
digests=0
for digest in $(openssl list -digest-commands); do
    wanted=$(openssl dgst "-$digest" -r data 2>/dev/null) || continue
    is "$digest" "$(in_guest /usr/bin/openssl dgst "-$digest" -r data 2>&1)" "$wanted"
    digests=$((digests + 1))
done
is "10 digests at least" $((digests >= 10)) 1
for cipher in aes-128-cbc aes-256-ctr aes-256-gcm chacha20 camellia-128-cbc des-ede3-cbc aria-128-cbc; do
    wanted=$(openssl enc -"$cipher" -K 00112233 -iv 44556677 -in data 2>/dev/null | md5sum)
    is "$cipher" "$(in_guest /usr/bin/openssl enc -"$cipher" -K 00112233 -iv 44556677 -in data 2>/dev/null | md5sum)" "$wanted"
done
is "a signature" "$(in_guest /usr/bin/openssl ecparam -name prime256v1 -genkey -noout -out key 2>&1 &&
    in_guest /usr/bin/openssl dgst -sha256 -sign key -out signature data && openssl ec -in key -pubout -out public 2>/dev/null &&
    openssl dgst -sha256 -verify public -signature signature data)" "Verified OK"
is "speed" "$(in_guest /usr/bin/openssl speed -elapsed -seconds 1 -bytes 1024 sha256 aes-128-cbc 2>/dev/null | grep -cE '^(sha256|aes-128-cbc) +[0-9.]+k')" 2
