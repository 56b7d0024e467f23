# shellcheck shell=bash
# Interpreters, a database, git, a compiler.
need perl sqlite3 git gcc libc6-dev nodejs

is "perl" "$(in_guest /usr/bin/perl -e '$p = fork; if (!$p) { exit 3 } waitpid $p, 0; print $? >> 8, " ", join(",", sort map { $_ * $_ } 1 .. 5), " ", sprintf("%.15g", exp 1)')" "3 1,16,25,4,9 2.71828182845905"
is "sqlite3" "$(in_guest /usr/bin/sqlite3 :memory: 'create table t(a); with recursive c(x) as (values(1) union all select x+1 from c where x<20000) insert into t select x from c; select sum(a), count(*) from t where a % 7 = 3;')" "28567143|2857"
is "git" "$(in_guest /usr/bin/git init -q repo && cd repo && echo a >f && in_guest /usr/bin/git add f &&
    in_guest /usr/bin/git -c user.name=a -c user.email=b commit -qm x && in_guest /usr/bin/git clone -q . ../clone 2>&1 && cat ../clone/f)" "a"
cat >program.c <<'P'
#include <stdio.h>
#include <stdlib.h>
static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
int main(void)
{
    int v[1000];
    for (int i = 0; i < 1000; i++)
        v[i] = i * 7919 % 1009;
    qsort(v, 1000, sizeof(int), compare);
    printf("%d %d\n", v[1], v[999]);
    return 0;
}
P
is "gcc" "$(in_guest /usr/bin/gcc -O2 -Wall -o program program.c && in_guest ./program)" "1 1008"
is "node" "$(in_guest /usr/bin/node -e 'let s = 0; for (let i = 0; i < 2e6; i++) s += i % 7; console.log(s, JSON.stringify({a: [1, 2]})); setTimeout(() => console.log("later"), 5)')" '5999995 {"a":[1,2]}
later'
