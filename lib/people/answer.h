/* What a condition says of a person. An undecided one is a condition whose time has not
 * passed yet. */
#ifndef RT_ANSWER_H
#define RT_ANSWER_H

enum rt_answer { RT_NO, RT_YES, RT_UNDECIDED };

#endif
