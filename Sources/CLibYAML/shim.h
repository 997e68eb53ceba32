// The reader of libyaml; its writer is not used.
#include <yaml.h>
