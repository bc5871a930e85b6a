/* The command `heddle` of the image, which has no shell: starts Java with the flags that the script of the same name uses. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int daemon = argc > 1 && !strcmp(argv[1], "run");
	const char *heap = getenv("HEDDLE_HEAP");
	char limit[32];
	char **words = calloc(argc + 6, sizeof(*words));
	int n = 0;

	if (!words)
		return 1;
	words[n++] = "/opt/java/bin/java";
	words[n++] = daemon ? "@/opt/heddle/daemon.flags" : "@/opt/heddle/client.flags";
	if (daemon && heap && snprintf(limit, sizeof(limit), "-Xmx%s", heap) < (int)sizeof(limit))
		words[n++] = limit;	/* after the default, so it counts */
	words[n++] = "-jar";
	words[n++] = "/opt/heddle/lib/heddle-launcher.jar";
	for (int i = 1; i < argc; i++)
		words[n++] = argv[i];
	setenv("MALLOC_ARENA_MAX", "2", 1);
	execv(words[0], words);
	perror(words[0]);
	return 126;
}
