/* Large TCP frames cut and merged: what a tap's header may say, frames that come back as they were, and headers that lie. */
#include "devices/net/checksum.h"
#include "devices/net/gso.h"
#include "devices/net/ipv4.h"
#include "devices/net/ipv6.h"
#include "devices/net/tcp.h"
#include "tests/unit/flat_cpu.h"

#include <check.h>

#define OPTIONS 12 /* bytes, of TCP: as with time stamps */

struct stream {
    bool v6;
    u32 options; /* bytes */
    u16 id;
    u32 sequence;
    u8 seed;
};

static u32 headers_of(const struct stream *s)
{
    return NET_HEADER + (s->v6 ? IPV6_HEADER : IPV4_HEADER) + TCP_HEADER + s->options;
}

static u16 tcp_sum(const u8 *frame, bool v6, u32 tcp, size_t len)
{
    const u8 *ip = frame + NET_HEADER;
    u8 rest[4] = {0, IPV4_TCP};
    u16 sum = v6 ? checksum_add(0, ip + IPV6_SOURCE, 32) : checksum_add(0, ip + IPV4_SOURCE, 8);

    put_be16(rest + 2, (u16)(len - tcp));
    return checksum_add(sum, rest, 4);
}

static void put_sums(const struct stream *s, u8 *frame, size_t len)
{
    u32 tcp = headers_of(s) - TCP_HEADER - s->options;
    u8 *ip = frame + NET_HEADER;

    if (!s->v6) {
        put16(ip + IPV4_SUM, 0);
        put16(ip + IPV4_SUM, (u16)~checksum_add(0, ip, IPV4_HEADER));
    }
    put16(frame + tcp + TCP_SUM, 0);
    put16(frame + tcp + TCP_SUM,
          (u16)~checksum_add(tcp_sum(frame, s->v6, tcp, len), frame + tcp, len - tcp));
}

/* A frame of the stream with all sums right, from byte `at` of it on. Its length. */
static size_t make_frame(const struct stream *s, u32 at, u32 n, u8 flags, u8 *frame)
{
    u32 tcp = NET_HEADER + (s->v6 ? IPV6_HEADER : IPV4_HEADER), data = headers_of(s);
    u8 *ip = frame + NET_HEADER;
    size_t len = data + n;

    memset(frame, 0, data);
    memcpy(frame, "\x52\x55\x0a\x00\x02\x02\x52\x54\x00\x12\x34\x56", 12);
    put_be16(frame + 12, s->v6 ? 0x86dd : 0x0800);
    if (s->v6) {
        ip[0] = 0x60;
        put_be16(ip + IPV6_LENGTH, (u16)(len - tcp));
        ip[IPV6_NEXT] = IPV4_TCP;
        ip[7] = 64;
        for (u8 i = 0; i < 32; i++)
            ip[IPV6_SOURCE + i] = (u8)(i * 7 + 1);
    } else {
        ip[0] = 0x45;
        put_be16(ip + IPV4_LENGTH, (u16)(len - NET_HEADER));
        put_be16(ip + IPV4_ID, s->id);
        put_be16(ip + 6, 0x4000);
        ip[8] = 64;
        ip[9] = IPV4_TCP;
        memcpy(ip + IPV4_SOURCE, "\x0a\x00\x02\x0f\x0a\x00\x02\x02", 8);
    }
    memcpy(frame + tcp, "\x04\x00\x00\x50", 4);
    put_be32(frame + tcp + TCP_SEQUENCE, s->sequence + at);
    put_be32(frame + tcp + TCP_SEQUENCE + 4, 0x1234567);
    frame[tcp + TCP_OFFSET] = (u8)((TCP_HEADER + s->options) / 4 << 4);
    frame[tcp + TCP_FLAGS] = flags;
    memset(frame + tcp + TCP_HEADER, 1, s->options);
    for (u32 i = 0; i < n; i++)
        frame[data + i] = (u8)((at + i) * 13 + (at + i) / 251 + s->seed);
    put_sums(s, frame, len);
    return len;
}

/* One large frame as the kernel hands it over, and its header. */
static size_t make_large(const struct stream *s, u32 n, u16 size, u8 flags, u8 *frame,
                         struct virtio_net_hdr *header)
{
    size_t len = make_frame(s, 0, n, flags, frame);
    u32 tcp = headers_of(s) - TCP_HEADER - s->options;

    put16(frame + tcp + TCP_SUM, tcp_sum(frame, s->v6, tcp, len));
    *header = (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                      .gso_type = s->v6 ? VIRTIO_NET_HDR_GSO_TCPV6
                                                        : VIRTIO_NET_HDR_GSO_TCPV4,
                                      .hdr_len = (u16)headers_of(s),
                                      .gso_size = size,
                                      .csum_start = (u16)tcp,
                                      .csum_offset = TCP_SUM};
    return len;
}

static const struct stream streams[] = {{false, 0, 0xfffe, 0xfffff000, 1},
                                        {false, OPTIONS, 5, 77, 2},
                                        {true, 0, 0, 0xffffffff, 3},
                                        {true, OPTIONS, 0, 0, 4}};

static void expect_frames(struct gso_split *split, const struct stream *stream, u32 n, u16 size,
                          u8 flags)
{
    static u8 want[GSO_FRAME_MAX];
    struct stream s = *stream;
    const u8 *got;
    size_t len;
    u32 at = 0;

    while ((got = gso_split_next(split, &len)) != NULL) {
        u32 part = n - at < size ? n - at : size;
        u8 these = flags;

        if (at)
            these &= (u8)~TCP_CWR;
        if (at + part < n)
            these &= (u8)~TCP_FIN_PSH;
        ck_assert_uint_eq(len, make_frame(&s, at, part, these, want));
        expect(memcmp(got, want, len) == 0, "%s frame at %u of %u by %u", s.v6 ? "IPv6" : "IPv4",
               at, n, size);
        at += part;
        s.id++;
    }
    ck_assert_uint_eq(at, n);
}

START_TEST(cut)
{
    static const u16 sizes[] = {1, 37, 536, 1448, 1460, 9000, 0xffff};
    static const u32 lens[] = {1, 36, 37, 38, 1460, 1461, 2920, 60000, 65000};
    static const u8 flags[] = {TCP_ACK, TCP_ACK | TCP_FIN_PSH, TCP_ACK | TCP_CWR | TCP_PSH};
    static u8 frame[GSO_FRAME_MAX];
    const struct stream *s = &streams[_i];
    struct virtio_net_hdr header;
    struct gso_split split;

    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        for (unsigned j = 0; j < ARRAY_SIZE(lens); j++) {
            size_t len = make_large(s, lens[j], sizes[i], flags[j % 3], frame, &header);
            bool fits = headers_of(s) + sizes[i] <= NET_FRAME_MAX;

            if (flags[j % 3] & TCP_CWR)
                header.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
            ck_assert_int_eq(gso_split_begin(&split, &header, frame, len), fits);
            if (fits)
                expect_frames(&split, s, lens[j], sizes[i], flags[j % 3]);
        }
    }
}
END_TEST

/* A VLAN's tag stands before the network's header. */
START_TEST(cut_tagged)
{
    static u8 frame[GSO_FRAME_MAX];
    struct virtio_net_hdr header;
    struct gso_split split;
    size_t len = make_large(&streams[1], 3000, 1448, TCP_ACK, frame, &header);
    unsigned count = 0;
    const u8 *got;

    memmove(frame + 16, frame + 12, len - 12);
    memcpy(frame + 12, "\x81\x00\x00\x07", 4);
    header.csum_start += 4;
    ck_assert(gso_split_begin(&split, &header, frame, len + 4));
    while ((got = gso_split_next(&split, &len)) != NULL) {
        u8 plain[2000];
        struct ipv4 ip;

        ck_assert_int_eq(memcmp(got + 12, "\x81\x00\x00\x07\x08\x00", 6), 0);
        memcpy(plain, got, 12);
        memcpy(plain + 12, got + 16, len - 16);
        ck_assert(ipv4_parse(plain, len - 4, &ip));
        ck_assert_uint_eq(ipv4_header_sum(plain, &ip), 0xffff);
        ck_assert_uint_eq(ipv4_payload_sum(plain, &ip), 0xffff);
        count++;
    }
    ck_assert_uint_eq(count, 3);
}
END_TEST

/* A frame that is in one piece, its sum open or not. */
START_TEST(one_piece)
{
    static u8 frame[GSO_FRAME_MAX], want[GSO_FRAME_MAX];
    struct virtio_net_hdr header;
    struct gso_split split;
    size_t len = make_large(&streams[0], 700, 0, TCP_ACK, frame, &header), got_len;
    const u8 *got;

    header.gso_type = VIRTIO_NET_HDR_GSO_NONE;
    make_frame(&streams[0], 0, 700, TCP_ACK, want);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert(gso_split_begin(&split, &header, frame, len));
        got = gso_split_next(&split, &got_len);
        ck_assert_ptr_nonnull(got);
        ck_assert_uint_eq(got_len, len);
        ck_assert_int_eq(memcmp(got, want, len), 0);
        ck_assert_ptr_null(gso_split_next(&split, &got_len));
        header = (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_DATA_VALID};
    }
}
END_TEST

/* No header makes a frame be read or written outside of its bytes. */
START_TEST(lies)
{
    static const struct virtio_net_hdr sane = {0};
    u64 seed = 4711;
    unsigned taken = 0;

    for (unsigned i = 0; i < 20000; i++) {
        const struct stream *s = &streams[test_random(&seed) % 4];
        u64 r = test_random(&seed);
        struct virtio_net_hdr header = sane;
        struct gso_split split;
        u32 n = (u32)(r >> 8) % 3000 + 1;
        u8 *frame = malloc(headers_of(s) + n);
        size_t len = make_large(s, n, 1 + (u16)(r >> 32) % 2000, TCP_ACK, frame, &header),
               kept = len;
        u8 *exact;

        switch (r & 7) {
        case 0: header.csum_start = (u16)(r >> 40); break;
        case 1: header.csum_start = (u16)(r >> 40) % 120; break;
        case 2: header.csum_offset = (u16)(r >> 40); break;
        case 3: header.gso_size = (u16)(r >> 40); break;
        case 4: header.gso_type = (u8)(r >> 40); break;
        case 5: header.flags = (u8)(r >> 40); break;
        case 6: kept = (size_t)(r >> 40) % (len + 1); break;
        case 7: frame[(size_t)(r >> 40) % headers_of(s)] = (u8)(r >> 20); break;
        }
        exact = malloc(kept ? kept : 1); /* so that the sanitizer sees a byte beyond */
        memcpy(exact, frame, kept);
        if (gso_split_begin(&split, &header, exact, kept)) {
            const u8 *got;
            size_t got_len, sum = 0;

            taken++;
            while ((got = gso_split_next(&split, &got_len)) != NULL) {
                ck_assert(got >= exact && got + got_len <= exact + kept);
                ck_assert(got_len <= NET_FRAME_MAX);
                sum += got_len;
            }
            ck_assert(sum >= kept);
        }
        free(exact);
        free(frame);
    }
    ck_assert_uint_gt(taken, 2000);
    ck_assert_uint_lt(taken, 18000);
}
END_TEST

static struct gso_merge merge;

static size_t merged(struct virtio_net_hdr *header, const u8 **frame)
{
    size_t len;

    *frame = gso_merge_take(&merge, header, &len);
    return len;
}

/* What was merged is cut into the same frames. */
START_TEST(there_and_back)
{
    static u8 frame[2000], large[GSO_FRAME_MAX];
    u64 seed = 1;

    for (unsigned i = 0; i < 2000; i++) {
        struct stream s = streams[i % 4], from = s;
        u16 size = (u16)(1 + test_random(&seed) % 1460);
        u32 n = (u32)(test_random(&seed) % 40000 + 1), at = 0;
        u8 flags = test_random(&seed) & 1 ? TCP_ACK | TCP_PSH : TCP_ACK;
        struct virtio_net_hdr header;
        struct gso_split split;
        const u8 *got;
        size_t len;

        while (at < n) {
            u32 part = n - at < size ? n - at : size;
            u8 these = at + part < n ? TCP_ACK : flags;

            len = make_frame(&s, at, part, these, frame);
            ck_assert(gso_merge_add(&merge, frame, len));
            at += part;
            s.id++;
        }
        len = merged(&header, &got);
        ck_assert_ptr_nonnull(got);
        ck_assert_uint_eq(len, headers_of(&from) + n);
        memcpy(large, got, len);
        if (n <= size) {
            ck_assert_uint_eq(header.gso_type, VIRTIO_NET_HDR_GSO_NONE);
            ck_assert_uint_eq(header.flags, 0);
        } else {
            ck_assert_uint_eq(header.gso_size, size);
            ck_assert_uint_eq(header.hdr_len, headers_of(&from));
        }
        ck_assert(gso_split_begin(&split, &header, large, len));
        expect_frames(&split, &from, n, size, flags);
        ck_assert_uint_eq(merged(&header, &got), 0);
        ck_assert_ptr_null(got);
    }
}
END_TEST

/* Whether a bit of the second frame may differ: data's, and PSH. */
static bool may_differ(const struct stream *s, unsigned bit)
{
    u32 flags = headers_of(s) - s->options - TCP_HEADER + TCP_FLAGS;

    return bit / 8 >= headers_of(s) || (bit / 8 == flags && (1 << bit % 8) == TCP_PSH);
}

/* A second frame that differs in one bit of the headers goes out by itself, whether its sums are right or not. */
START_TEST(other_streams)
{
    const struct stream *s = &streams[_i];
    struct stream next = *s;
    u8 first[200], second[200], changed[200];
    struct virtio_net_hdr header;
    const u8 *got;
    size_t len = make_frame(s, 0, 50, TCP_ACK, first);

    next.id++;
    make_frame(&next, 50, 50, TCP_ACK, second);
    for (unsigned bit = 0; bit < 16 * len; bit++) {
        bool right = bit & 1, fits;

        memcpy(changed, second, len);
        changed[bit / 16] ^= (u8)(1 << bit / 2 % 8);
        if (right)
            put_sums(s, changed, len);
        fits = right && (may_differ(s, bit / 2) || memcmp(changed, second, len) == 0);
        ck_assert(gso_merge_add(&merge, first, len));
        expect(gso_merge_add(&merge, changed, len) == fits, "bit %u, sums %d", bit / 2, right);
        ck_assert_uint_eq(merged(&header, &got), fits ? len + 50 : len);
        if (!fits)
            ck_assert_int_eq(memcmp(got, first, len), 0);
    }
}
END_TEST

/* Right sums do not make a stream of what is none. */
START_TEST(no_streams)
{
    static const u8 flags[] = {0, 0x02, 0x12, TCP_ACK | 0x01, TCP_ACK | 0x04, TCP_ACK | 0x20};
    struct stream s = streams[_i];
    u8 frame[200];
    struct virtio_net_hdr header;
    const u8 *got;
    size_t len;

    for (unsigned i = 0; i < ARRAY_SIZE(flags); i++) {
        len = make_frame(&s, 0, 50, flags[i], frame);
        ck_assert(!gso_merge_add(&merge, frame, len));
    }
    len = make_frame(&s, 0, 0, TCP_ACK, frame);
    ck_assert(!gso_merge_add(&merge, frame, len)); /* an acknowledgement */
    len = make_frame(&s, 0, 50, TCP_ACK, frame);
    for (size_t part = 0; part < len; part++)
        ck_assert(!gso_merge_add(&merge, frame, part));
    memset(frame + len, 0, 6);
    ck_assert(!gso_merge_add(&merge, frame, len + 6)); /* padded */
    ck_assert_uint_eq(merged(&header, &got), 0);

    ck_assert(gso_merge_add(&merge, frame, len));
    s.id++;
    len = make_frame(&s, 50, 51, TCP_ACK, frame);
    ck_assert(!gso_merge_add(&merge, frame, len)); /* longer than the first */
    len = make_frame(&s, 49, 50, TCP_ACK, frame);
    ck_assert(!gso_merge_add(&merge, frame, len)); /* again */
    len = make_frame(&s, 50, 50, TCP_ACK | TCP_PSH, frame);
    ck_assert(gso_merge_add(&merge, frame, len));
    s.id++;
    len = make_frame(&s, 100, 50, TCP_ACK, frame);
    ck_assert(!gso_merge_add(&merge, frame, len)); /* behind a PSH */
    ck_assert_uint_eq(merged(&header, &got), headers_of(&s) + 100);
}
END_TEST

/* No more is merged than the IP header's length can say. */
START_TEST(full)
{
    struct stream s = streams[_i];
    u8 frame[2000];
    struct virtio_net_hdr header;
    const u8 *got;
    u32 at = 0;

    while (gso_merge_add(&merge, frame, make_frame(&s, at, 1448, TCP_ACK, frame))) {
        at += 1448;
        s.id++;
        ck_assert_uint_le(at, 65535);
    }
    ck_assert_uint_gt(at, 60000);
    ck_assert_uint_eq(merged(&header, &got), headers_of(&s) + at);
    ck_assert_uint_eq(get_be16(got + NET_HEADER + (s.v6 ? IPV6_LENGTH : IPV4_LENGTH)),
                      headers_of(&s) + at - NET_HEADER - (s.v6 ? IPV6_HEADER : 0));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("segmentation offload");
    TCase *tcase = tcase_create("frames");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, cut, 0, ARRAY_SIZE(streams));
    tcase_add_test(tcase, cut_tagged);
    tcase_add_test(tcase, one_piece);
    tcase_add_test(tcase, lies);
    tcase_add_test(tcase, there_and_back);
    tcase_add_loop_test(tcase, other_streams, 0, ARRAY_SIZE(streams));
    tcase_add_loop_test(tcase, no_streams, 0, ARRAY_SIZE(streams));
    tcase_add_loop_test(tcase, full, 0, ARRAY_SIZE(streams));
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
