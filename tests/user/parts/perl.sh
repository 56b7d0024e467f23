# shellcheck shell=bash
# Perl's core tests, from its source, by Debian's perl.
need perl
"$top/tools/guests/fetch-source" "$(dirname "$root")/sources" perl || skip "perl's source cannot be fetched"

# They look for modules in ../lib, as the build leaves them.
cp -r "$(dirname "$root")"/sources/perl/{t,lib,ext,dist,cpan,regen,MANIFEST} .
for from in usr/share/perl/5.36 usr/lib/i386-linux-gnu/perl/5.36 usr/lib/i386-linux-gnu/perl-base; do
    cp -rnL "$root/$from/." lib/ 2>/dev/null
done
ln -s /usr/bin/perl perl
ln -s /usr/bin/perl t/perl
cd t || exit 1
# Left out: what needs a module that is in no package (XS::APItest), or a file that perl's own build makes.
left_out='op/goto_xs|re/uniprops[0-9]*'
for name in ${PERL_TESTS:-base/*.t cmd/*.t comp/*.t io/*.t op/*.t re/*.t uni/*.t mro/*.t}; do
    [[ $name =~ ^($left_out)\.t$ ]] && continue
    PERL_SKIP_TTY_TEST=1 PERL_CORE=1 in_guest /usr/bin/perl $(head -n 1 "$name" | grep -o ' -[A-Za-z]*' | head -n 1) "$name" >"$work/tap" 2>"$work/err" </dev/null
    status=$?
    # A plan that is kept, nothing that is not ok, but for what is to do.
    is "$name" "$(awk -v status=$status '
        /^1\.\.[0-9]+/ { plan = substr($1, 4) + 0; planned = 1 }
        /^ok( |$)/ || /^not ok( |$)/ { count++ }
        /^not ok( |$)/ && !/# *TODO/ { bad++; if (bad < 4) names = names " " ($1 == "not" ? $3 : $2) }
        END {
            if (bad || status || !planned || count != plan)
                print "status " status ", " count + 0 " of " plan + 0 ", not ok:" names
            else
                print "good"
        }' "$work/tap")" good
done
