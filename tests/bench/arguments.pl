# What the measuring scripts in Perl do with their command line: help, and one line and status 2 for what is wrong in it.
use strict;
use warnings;

my ($name) = $0 =~ m{tests/bench/(.*)};
$name //= $0;

sub refuse {
    print STDERR "$name: $_[0]; -h says how it is called\n";
    exit 2;
}

# -h, --help: the script's own line. Else the next option, which begins with '-', or undef.
sub next_option {
    return unless @ARGV && $ARGV[0] =~ /^-/;
    my $option = shift @ARGV;
    return $option unless $option =~ /^(-h|--help)$/;
    open(my $script, "<", $0) or die "$0: $!\n";
    while (<$script>) {
        next unless s/^# (?=usage:)//;
        print;
        exit 0;
    }
    die "$0: no usage\n";
}

sub unknown_option { refuse("unknown option '$_[0]'") }

# For scripts without options.
sub no_options {
    my $option = next_option();
    unknown_option($option) if defined $option;
}

sub a_count { return $_[0] =~ /^[1-9]\d{0,5}$/ ? int $_[0] : refuse("'$_[0]' is no number of runs") }
sub a_program { return -f $_[0] && -x _ ? $_[0] : refuse("there is no program '$_[0]'") }

# [PAGEWALK... [RUNS]]: runs, programs.
sub programs_and_runs {
    no_options();
    my $runs = @ARGV && $ARGV[-1] =~ /^\d+$/ ? a_count(pop @ARGV) : 3;
    return ($runs, map { a_program($_) } @ARGV ? @ARGV : ("build/soft/pagewalk"));
}

1;
