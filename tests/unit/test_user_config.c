/* Tests of the words of -netdev user: networks, and what is forwarded. */
#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "devices/net/user_config.h"

static const char *text(struct in_addr a)
{
    static char to[INET_ADDRSTRLEN];

    return inet_ntop(AF_INET, &a, to, sizeof(to));
}

START_TEST(test_network)
{
    struct netdev_user spec = {.net = "192.168.76.0/28", .dhcp_start = "192.168.76.9"};
    struct user_network n;
    char err[200] = "";

    ck_assert_int_eq(user_parse_network(&spec, &n, err, sizeof(err)), 0);
    ck_assert_str_eq(text(n.host), "192.168.76.2");
    ck_assert_str_eq(text(n.dns), "192.168.76.3");
    ck_assert_str_eq(text(n.dhcp), "192.168.76.9");
    spec.host = "192.168.77.1";
    ck_assert_int_eq(user_parse_network(&spec, &n, err, sizeof(err)), -1);
    ck_assert_str_eq(err, "host=192.168.77.1: not in the network of net=");
}
END_TEST

/* A rule as hostfwd_remove of QEMU's has it is the host's side alone; a whole one does, too. */
static const struct {
    const char *rule, *host;
    unsigned port;
    bool udp, whole, part;
} rules[] = {
    {"tcp:127.0.0.1:2222-:22", "127.0.0.1", 2222, false, true, true},
    {"udp::53-10.0.2.16:53", "0.0.0.0", 53, true, true, true},
    {":127.0.0.1:0-:22", "127.0.0.1", 0, false, true, true},
    {"tcp:127.0.0.1:2222", "127.0.0.1", 2222, false, false, true},
    {"udp::53", "0.0.0.0", 53, true, false, true},
    {"tcp:127.0.0.1:2222-:0", "127.0.0.1", 2222, false, false, true},
    {"tcp:127.0.0.1:65536", NULL, 0, false, false, false},
    {"tcp:localhost:22", NULL, 0, false, false, false},
    {"tcp:22", NULL, 0, false, false, false},
    {"sctp::22", NULL, 0, false, false, false},
    {"tcp::-:22", NULL, 0, false, false, false},
    {"-", NULL, 0, false, false, false},
    {"", NULL, 0, false, false, false},
};

START_TEST(test_rules)
{
    struct netdev_user spec = {0};
    struct user_network n;
    struct user_hostfwd fwd;
    char err[200] = "";

    user_parse_network(&spec, &n, err, sizeof(err));
    ck_assert_int_eq(user_parse_hostfwd(rules[_i].rule, &n, &fwd, err, sizeof(err)),
                     rules[_i].whole ? 0 : -1);
    ck_assert_int_eq(user_parse_hostport(rules[_i].rule, &fwd, err, sizeof(err)),
                     rules[_i].part ? 0 : -1);
    if (!rules[_i].part)
        return;
    ck_assert_str_eq(text(fwd.host), rules[_i].host);
    ck_assert_uint_eq(fwd.host_port, rules[_i].port);
    ck_assert_int_eq(fwd.udp, rules[_i].udp);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("user_config");
    TCase *tc = tcase_create("user_config");
    SRunner *runner;
    int failed;

    tcase_add_test(tc, test_network);
    tcase_add_loop_test(tc, test_rules, 0, ARRAY_SIZE(rules));
    suite_add_tcase(s, tc);
    runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
